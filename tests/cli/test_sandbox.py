"""`edge-node sandbox`."""

from pathlib import Path

from .conftest import Run


class TestPki:
    def test_makes_what_a_sandbox_needs(self, run: Run, tmp_path: Path) -> None:
        """A developer of a local system tries the node without any certificate of the register."""
        result = run("sandbox", "pki", "--out", str(tmp_path / "pki"))
        assert (result.exit_code, result.stdout) == (0, f"{tmp_path / 'pki'}\n")
        assert (tmp_path / "pki" / "practice" / "key.pem").stat().st_mode & 0o077 == 0

    def test_overwrites_nothing(self, run: Run, tmp_path: Path) -> None:
        """Keys that are in use would be gone."""
        (tmp_path / "kept").touch()
        result = run("sandbox", "pki", "--out", str(tmp_path))
        assert (result.exit_code, list(tmp_path.iterdir())) == (64, [tmp_path / "kept"])
