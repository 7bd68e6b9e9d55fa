"""Reads a PES by lxml's iterparse; with a folder as second argument it extracts the attachments too."""
import base64
import gzip
import os
import sys

from lxml import etree

path, folder = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
content = None
for _, element in etree.iterparse(path, huge_tree=True):
    if folder and element.tag == "Fichier":
        content = base64.b64decode(element.text)
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
    elif folder and element.tag == "PJ" and content is not None:
        with open(os.path.join(folder, element.find("NomPJ").get("V")), "wb") as file:
            file.write(content)
        content = None
    if element.tag in ("PJ", "Piece"):
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
