import assert from "node:assert/strict";
import { hashPassword, isPassword, isPasswordHash } from "./password.ts";

Deno.test("hashPassword() makes hashes that isPassword() knows again, each with a salt of its own", async () => {
  const [one, other] = await Promise.all([hashPassword("été à la mairie"), hashPassword("été à la mairie")]);
  assert.notEqual(one, other);
  assert.match(one, /^\$scrypt\$ln=15,r=8,p=3\$/);
  assert.ok(await isPassword("été à la mairie".normalize("NFD"), one));
  assert.ok(!await isPassword("ete a la mairie", one));
});

Deno.test("isPassword() knows hashes of other programs", async () => {
  // RFC 7914, section 12, the second vector, as a PHC string.
  const hash = "$scrypt$ln=10,r=8,p=16$TmFDbA$" +
    "/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA";
  assert.ok(!isPasswordHash(hash), "a salt of four octets is too short for us");
  const longer = await hashPassword("x");
  assert.ok(isPasswordHash(longer));
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
