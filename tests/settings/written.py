"""Settings files as an operator writes them, and what loading them says."""

from pathlib import Path

import pytest

from edge_node.errors import SettingsInvalid
from edge_node.settings.load import load

SMALL = """\
version: 1
node:
  id: gp-1
  environment: test
  message_id_root: 2.16.840.1.113883.2.4.6.6.90001001.1
  state_dir: state
identities:
  - name: practice
    ura: "00001001"
    organisation: De Linde
    fqdn: gp-1.example
    certificate: certs/practice.pem
    key: credential:practice-key
    applications:
      - id: "90001001"
        name: HIS
        local_system: his
        soap_base: http://127.0.0.1:8090/aorta
local:
  listeners:
    - {host: 127.0.0.1, port: 0}
  systems:
    - name: his
      bearer_token_files: [secrets/his.token]
switchboard:
  zim: "3"
  peers:
    - name: lsp
      role: zim
      host: lsp.example
      client_names: [lsp.example]
      issuers: [Example CA]
      anchors: certs/anchors.pem
"""


def write(folder: Path, text: str, name: str = "site.yaml") -> Path:
    """Put a settings file in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text)
    return path


def changed(old: str, new: str) -> str:
    """Return the small settings with one passage written otherwise."""
    assert old in SMALL
    return SMALL.replace(old, new)


def complaints(*paths: Path) -> list[str]:
    """Return what loading complains of, with file names without folders."""
    with pytest.raises(SettingsInvalid) as caught:
        load(paths)
    return [complaint.replace(f"{paths[0].parent}/", "") for complaint in caught.value.complaints]
