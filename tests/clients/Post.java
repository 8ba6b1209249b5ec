// Posts SOAP messages with Java's own HTTP client; prints status and answer (base64), one line a message.
//
// Usage: java Post.java TOKEN CERTIFICATES (URL SOAPACTION FILE)...
// CERTIFICATES is a folder with anchors.pem, chain.pem and key.pem, or - for none. TOKEN is a bearer token, or -.

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

public class Post {
    public static void main(String[] args) throws Exception {
        HttpClient client = args[1].equals("-") ? plain() : secured(Path.of(args[1]));
        for (int at = 2; at < args.length; at += 3) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(args[at]))
                .timeout(Duration.ofSeconds(20))
                .header("Content-Type", "text/xml; charset=utf-8")
                .header("SOAPAction", "\"" + args[at + 1] + "\"")
                .POST(HttpRequest.BodyPublishers.ofFile(Path.of(args[at + 2])));
            if (!args[0].equals("-")) {
                request.header("Authorization", "Bearer " + args[0]);
            }
            HttpResponse<byte[]> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            System.out.println(answer.statusCode() + " " + Base64.getEncoder().encodeToString(answer.body()));
        }
    }

    // Without TLS this client asks for an Upgrade to HTTP/2 unless it is told not to.
    static HttpClient plain() {
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    // With TLS it may offer HTTP/2 as it likes: HTTP/1.1 is what is chosen.
    static HttpClient secured(Path folder) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        int number = 0;
        for (Certificate anchor : certificates(folder.resolve("anchors.pem"))) {
            trusted.setCertificateEntry("anchor" + number++, anchor);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        KeyStore own = KeyStore.getInstance(KeyStore.getDefaultType());
        own.load(null, null);
        Certificate[] chain = certificates(folder.resolve("chain.pem")).toArray(new Certificate[0]);
        own.setKeyEntry("own", key(folder.resolve("key.pem"), chain[0]), new char[0], chain);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    static Collection<? extends Certificate> certificates(Path file) throws Exception {
        try (InputStream in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in);
        }
    }

    static PrivateKey key(Path file, Certificate leaf) throws Exception {
        String text = Files.readString(file).replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(Base64.getDecoder().decode(text));
        return KeyFactory.getInstance(leaf.getPublicKey().getAlgorithm()).generatePrivate(spec);
    }
}
