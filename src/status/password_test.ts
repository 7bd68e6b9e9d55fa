import assert from "node:assert/strict";
import { hashPassword, isPassword, isPasswordHash } from "./password.ts";

Deno.test("hashPassword() makes hashes that isPassword() knows again, each with a salt of its own", async () => {
  const [one, other] = await Promise.all([hashPassword("été à la mairie"), hashPassword("été à la mairie")]);
  assert.notEqual(one, other);
  assert.match(one, /^\$scrypt\$ln=15,r=8,p=3\$/);
  assert.ok(await isPassword("été à la mairie".normalize("NFD"), one));
  assert.ok(!await isPassword("ete a la mairie", one));
});

Deno.test("isPassword() knows hashes of other programs and costs", async () => {
  // Made by Python's hashlib.scrypt.
  const hash = "$scrypt$ln=14,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$1xJnTT2k5KDQunhC9AntfnGFIHy/HuUa0sGzgYBkVlU";
  assert.ok(await isPassword("été", hash));
  assert.ok(!await isPassword("ete", hash));
});

Deno.test("isPasswordHash() refuses what is no hash, or would stop the gateway", async () => {
  const good = await hashPassword("x");
  const bad = [
    "",
    "x",
    "$2b$12$abc",
    good.replace("ln=15", "ln=30"),
    good.replace("r=8", "r=99"),
    good.replace("p=3", "p=0"),
    `${good}=`,
    good.replace("$scrypt$", "$scrypt$v=1$"),
  ];
  for (const text of bad) {
    assert.ok(!isPasswordHash(text), text);
    assert.ok(!await isPassword("x", text), text);
  }
});
