"""What people can try on a demo that is left running.

Knows: the addresses of its parties, and curl.
Must not know: what the answers will be.
"""

from edge_node.sandbox.site import AIS, HIS
from edge_node.sandbox.stage import Stage


def recipes(stage: Stage) -> str:
    """Return the commands to try, one block a subject."""
    ready = {program.name: program.ready for program in stage.programs()}
    node, switchboard = ready["node"], f"http://127.0.0.1:{ready['switchboard']['control']}"
    his = f"http://127.0.0.1:{ready[HIS.name]['control']}"
    local = f"http://{node.get('local', '')}"
    secret = stage.folder / f"{HIS.name}.secret"
    receiver = AIS.party.application
    return f"""
Everything runs; Ctrl-C stops it. Ledgers and logs: {stage.folder}

# let the HIS send a push to the pharmacy, and a query
curl -s {his}/one -d '{{"kind": "prescription", "receiver": "{receiver}", "patient": 7}}'
curl -s {his}/one -d '{{"kind": "dispense-query", "patient": 7}}'

# the same message by hand: write a sample, post it to the node
python -m edge_node.sandbox.samples prescription --receiver {receiver} > message.xml
curl -s -i {local}/VoorschriftVersturen -H "Authorization: Bearer $(cat {secret})" \\
  -H 'Content-Type: text/xml; charset=utf-8' -H 'SOAPAction: "urn:hl7-org:v3/VoorschriftVersturen_Versturen"' \\
  --data-binary @message.xml

# cut the line, and restore it
curl -s {switchboard}/line -d '{{"cut": true}}'
curl -s {switchboard}/line -d '{{"cut": false}}'

# the next message meets a fault: slow, reset-before, reset-after, no-answer, fault, duplicate, out-of-order, RTEDEST,
# bad-xml, wrong-id, wrong-patient, token-used, truncated, expired-certificate
curl -s {switchboard}/faults -d '{{"name": "reset-after"}}'

# how the node is
curl -s http://{node.get("management", "")}/readyz
edge-node status --config {stage.folder / "site.yaml"}
"""
