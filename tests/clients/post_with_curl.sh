#!/bin/sh
# Posts SOAP messages with curl; prints status and answer (base64), one line a message.
#
# Usage: post_with_curl.sh TOKEN CERTIFICATES (URL SOAPACTION FILE)...
# CERTIFICATES is a folder with anchors.pem, chain.pem and key.pem, or - for none. TOKEN is a bearer token, or -.
set -eu

token=$1 folder=$2
shift 2

post() { # post URL SOAPACTION FILE
    url=$1 action=$2 file=$3
    # Large bodies make curl ask first whether it may send them; here it asks with small ones too.
    set -- -sS --max-time 20 -H 'Content-Type: text/xml; charset=utf-8' -H "SOAPAction: \"$action\"" \
        -H 'Expect: 100-continue' --data-binary "@$file" -o "$file.answer" -w '%{http_code} '
    [ "$token" = - ] || set -- "$@" -H "Authorization: Bearer $token"
    # Every name is this machine: the certificate says who answers.
    [ "$folder" = - ] || set -- "$@" --connect-to "::127.0.0.1:" --cacert "$folder/anchors.pem" \
        --cert "$folder/chain.pem" --key "$folder/key.pem"
    curl "$@" "$url"
    base64 -w 0 "$file.answer"
    echo
}

while [ $# -gt 0 ]; do
    post "$1" "$2" "$3"
    shift 3
done
