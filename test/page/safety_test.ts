/** The page's rules of safety, asked of a running gateway by raw HTTP. */
import assert from "node:assert/strict";
import { readConfiguration } from "../../src/config/mod.ts";
import { hashPassword } from "../../src/status/password.ts";
import { freePort } from "../servers/free_port.ts";
import { runTask, startTask } from "../servers/program.ts";
import { TempFolder } from "../servers/temp_folder.ts";

const PASSWORD = "le-mot-de-passe-de-la-page";
const TOKEN = "the-token-of-this-page";
const MAILBOX_PASSWORD = "mot-de-passe-de-la-boite";
const LAUNCHER = `schedule = "0 4 1 1 *"
[listen]
protocol = "pop3"
server = "127.0.0.1"
port = 1
tls = "none"
account = "ged@exemple.test"
password = "${MAILBOX_PASSWORD}"
[deliver]
cold = "pop"
`;

/** An answer, as it came. */
interface Answer {
  readonly status: number;
  /** By name in small letters. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

async function ask(port: number, request: string, lines: readonly string[] = [], body = ""): Promise<Answer> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const host = lines.some((line) => line.startsWith("Host:")) ? [] : [`Host: 127.0.0.1:${port}`];
  const length = body === "" ? [] : [
    "Content-Type: application/x-www-form-urlencoded",
    `Content-Length: ${body.length}`,
  ];
  const head = [`${request} HTTP/1.1`, ...host, ...lines, ...length, "Connection: close", "", body];
  const writer = connection.writable.getWriter();
  await writer.write(new TextEncoder().encode(head.join("\r\n")));
  const text = await new Response(connection.readable).text();
  const [before = "", ...rest] = text.split("\r\n\r\n");
  const [first = "", ...fields] = before.split("\r\n");
  const headers = new Map(fields.map((field) => {
    const colon = field.indexOf(":");
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
  }));
  return { status: Number(first.split(" ")[1]), headers, body: rest.join("\r\n\r\n") };
}

async function project(status: string): Promise<TempFolder> {
  const folder = await TempFolder.make();
  await folder.write("launchers.d/gateway.toml", `[status]\n${status}\n`);
  await folder.write("launchers.d/pop.toml", LAUNCHER);
  return folder;
}

Deno.test("the page listens on this machine alone unless told otherwise", async () => {
  await using folder = await TempFolder.make();
  await folder.write("launchers.d/pop.toml", LAUNCHER);
  const { gateway } = await readConfiguration(folder.at("launchers.d"));
  assert.equal(gateway.status.listen, "127.0.0.1:8025");
});

Deno.test("on loopback no other address of this machine answers", async () => {
  const port = freePort();
  await using folder = await project(`listen = "127.0.0.1:${port}"`);
  await using gateway = startTask("start", [], { cwd: folder.path });
  await gateway.logged("started");
  assert.equal((await ask(port, "GET /healthz")).status, 200);
  for (const { address, family } of Deno.networkInterfaces()) {
    if (family !== "IPv4" || address.startsWith("127.")) continue;
    await assert.rejects(Deno.connect({ hostname: address, port }), Deno.errors.ConnectionRefused);
  }
});

Deno.test("off loopback the gateway does not start without password or token, and says so", async () => {
  await using folder = await project(`listen = "0.0.0.0:${freePort()}"`);
  const { code, stderr } = await runTask("start", [], { cwd: folder.path });
  assert.equal(code, 78);
  assert.match(stderr, /other machines could reach the page without signing in/);
});

Deno.test("off loopback everything but /healthz and the bare /readyz asks to sign in", async (t) => {
  const port = freePort();
  const hash = await hashPassword(PASSWORD);
  await using folder = await project(
    `listen = "0.0.0.0:${port}"\npassword_hash = "${hash}"\ntoken = { file = "token" }`,
  );
  await Deno.chmod(await folder.write("token", TOKEN), 0o600);
  await using gateway = startTask("start", [], { cwd: folder.path });
  await gateway.logged("other machines can reach it, and have to sign in");
  await gateway.logged("started");

  await t.step("nothing is told to strangers", async () => {
    for (const path of ["/", "/launchers/pop", "/metrics", "/api/status", "/events", "/api/openapi.json"]) {
      const { status, body } = await ask(port, `GET ${path}`);
      assert.equal(status, 401, path);
      assert.ok(!body.includes("ged@exemple.test"), path);
    }
    assert.equal((await ask(port, "POST /api/launchers/pop/run")).status, 401);
    assert.equal((await ask(port, "GET /healthz")).status, 200);
  });

  let cookie = "";
  await t.step("the password signs in, with a cookie that scripts and other sites do not get", async () => {
    const wrong = await ask(port, "POST /sign-in", [], "token=guess");
    assert.deepEqual([wrong.status, wrong.headers.get("set-cookie")], [401, undefined]);
    const { status, headers } = await ask(port, "POST /sign-in", [], `token=${PASSWORD}&back=/`);
    assert.equal(status, 303);
    const set = headers.get("set-cookie") ?? "";
    assert.match(set, /; HttpOnly/);
    assert.match(set, /; SameSite=Strict/);
    cookie = `Cookie: ${set.split(";", 1)[0]}`;
    assert.equal((await ask(port, "GET /", [cookie])).status, 200);
  });

  await t.step("a Host name that is not ours is refused, session or not", async () => {
    for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1.evil.example", ""]) {
      assert.equal(
        (await ask(port, "GET /", [cookie, `Host: ${host}`])).status,
        421,
        host,
      );
    }
  });

  await t.step("what another site makes a browser send is refused", async () => {
    for (
      const line of [
        "Origin: https://evil.example",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
        "Origin: null",
      ]
    ) {
      const { status } = await ask(port, "POST /api/launchers/pop/pause", [cookie, line]);
      assert.equal(status, 403, line);
    }
    assert.equal((await ask(port, "POST /api/launchers/pop/pause", [cookie])).status, 202);
  });

  await t.step("the policy lets in no script but ours, and no page has one inline", async () => {
    const { headers, body } = await ask(port, "GET /", [cookie, "Accept: text/html"]);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
    assert.ok(!policy.includes("unsafe"));
    assert.ok(!/<script(?! src="\/assets\/)|\son\w+=|\sstyle=|javascript:/.test(body));
  });

  await t.step("no secret is in any answer", async () => {
    const paths = ["/", "/launchers/pop", "/quarantine", "/metrics", "/api/status", "/api/launchers/pop"];
    for (const path of paths) {
      const { status, body } = await ask(port, `GET ${path}`, [cookie]);
      assert.equal(status, 200, path);
      for (const secret of [MAILBOX_PASSWORD, PASSWORD, TOKEN, hash]) assert.ok(!body.includes(secret), path);
    }
    for (const secret of [MAILBOX_PASSWORD, PASSWORD, TOKEN, hash]) assert.ok(!gateway.log.includes(secret));
  });
});
