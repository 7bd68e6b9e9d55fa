import assert from "node:assert/strict";
import { isPrivateHost } from "../../hosts.ts";
import { faultOfUrl } from "./section.ts";

Deno.test("EzGED's address is https, or plain http to a private address written as numbers", () => {
  const good = [
    "https://ged.mairie.fr/ezged3",
    "https://ged.mairie.fr:8443",
    "http://192.168.1.20/ezged3/",
    "http://10.0.0.1",
    "http://172.31.0.9",
    "http://127.0.0.1:8080/ezged3",
    "http://localhost/ezged3",
    "http://[fd00::1]/ezged3",
    "http://[::1]/",
  ];
  const bad = [
    "",
    "ged.mairie.fr/ezged3",
    "ftp://ged.mairie.fr",
    "http://ged.mairie.fr/ezged3",
    "http://ged/ezged3",
    "http://172.32.0.1/",
    "http://11.0.0.1/",
    "http://8.8.8.8/",
    "http://[2001:db8::1]/",
    "http://192.168.1.20.exemple.fr/",
    "https://ged:secret@ged.mairie.fr/",
    "https://ged.mairie.fr/?a=b",
    "https://ged.mairie.fr/#a",
    "file:///etc/passwd",
  ];
  for (const url of good) assert.equal(faultOfUrl(url), undefined, url);
  for (const url of bad) assert.match(faultOfUrl(url) ?? "", /^must /, url);
});

Deno.test("a number that only looks private is not", () => {
  // The URL parser has already written 0x0a000001 and 10.1 out in full.
  assert.equal(isPrivateHost(new URL("http://10.1/").hostname), true);
  for (const host of ["fcmairie.fr", "fe80.fr", "10.exemple.fr", "127.0.0.1.fr", "::ffff:8.8.8.8", ""]) {
    assert.equal(isPrivateHost(host), false, host);
  }
});
