import assert from "node:assert/strict";
import * as v from "valibot";
import { createAuthority } from "../../test/servers/certificates.ts";
import { testContext } from "../../test/servers/context.ts";
import { Mailbox } from "../../test/servers/mailbox.ts";
import { type Pop3Script, type Pop3Server, startPop3Server } from "../../test/servers/pop3_server.ts";
import { collect, testSource } from "../../test/suites/source.ts";
import { ItemError, SourceError } from "../errors.ts";
import type { Item } from "../model.ts";
import { pop3 } from "./pop3.ts";
import type { Source, SourceContext } from "./source.ts";

const DELIVERED = { kind: "delivered" } as const;
const USERS = { "ged@exemple.fr": "sésame ouvre-toi" };
const LISTEN = {
  protocol: "pop3",
  server: "127.0.0.1",
  tls: "none",
  account: "ged@exemple.fr",
  password: "sésame ouvre-toi",
};

const authority = await createAuthority();

testSource("pop3", {
  protocol: pop3,
  async start(seeds) {
    const mailbox = new Mailbox();
    for (const seed of seeds) mailbox.add(seed.bytes);
    const server = await startPop3Server({ mailbox, users: USERS, tls: await authority.issue() });
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/ca.pem`, authority.pem);
    return {
      options: { ...LISTEN, tls: "implicit", port: server.port, ca_file: "ca.pem", after: "delete" },
      context: testContext({ base: folder }),
      remaining: () => mailbox.mails.map((mail) => `${mail.uidl} ${mail.raw.length}`),
      async cleanup() {
        await server[Symbol.asyncDispose]();
        await Deno.remove(folder, { recursive: true });
      },
    };
  },
});

interface Lab extends AsyncDisposable {
  readonly mailbox: Mailbox;
  readonly server: Pop3Server;
  open(options?: Record<string, unknown>, context?: SourceContext): Promise<Source>;
}

/** A plain server with mails of these texts, or so many small ones. */
async function startLab(mails: readonly string[] | number, script: Pop3Script = {}): Promise<Lab> {
  const mailbox = new Mailbox();
  const texts = typeof mails === "number"
    ? Array.from({ length: mails }, (_, index) => mail(index + 1))
    : mails;
  for (const text of texts) mailbox.add(text);
  const server = await startPop3Server({ mailbox, users: USERS, script });
  return {
    mailbox,
    server,
    open: (options = {}, context = testContext()) =>
      pop3.open(v.parse(pop3.options, { ...LISTEN, port: server.port, ...options }), context),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function mail(number: number, body = `texte ${number}\r\n`): string {
  return `Message-ID: <${number}@exemple.fr>\r\nSubject: n${number}\r\n\r\n${body}`;
}

async function read(item: Item | undefined): Promise<string> {
  assert.ok(item);
  return await new Response(await item.open()).text();
}

async function keysOf(lab: Lab): Promise<string[]> {
  await using source = await lab.open();
  return (await collect(source)).map((item) => item.key);
}

Deno.test("items() lists by UIDL and LIST, without fetching anything", async () => {
  await using lab = await startLab(3);
  await using source = await lab.open();
  const items = await collect(source);
  assert.deepEqual(items.map(({ key, label, kind, sizeBytes }) => ({ key, label, kind, sizeBytes }))[1], {
    key: "ged%40exemple.fr@127.0.0.1/uidl/1.2",
    label: "UIDL 1.2",
    kind: "mail",
    sizeBytes: mail(2).length,
  });
  const allowed = /^(?:USER|PASS|CAPA|LIST|UIDL)\b/;
  assert.deepEqual(lab.server.commands.filter((command) => !allowed.test(command)), []);
});

Deno.test("items() of a server without UIDL are named by their headers, whatever the server adds to them", async () => {
  const texts = [mail(1), mail(2), mail(3)];
  await using lab = await startLab(texts, { uidl: null, capabilities: null });
  const keys = await keysOf(lab);
  assert.equal(new Set(keys).size, 3);
  assert.match(keys[0] ?? "", /^ged%40exemple\.fr@127\.0\.0\.1\/top\/[\da-f]{64}$/);
  lab.mailbox.remove(1);
  lab.mailbox.add(texts[0]?.replace("Subject", "Status: RO\r\nSubject") ?? "");
  assert.deepEqual(await keysOf(lab), [keys[1], keys[2], keys[0]]);
});

Deno.test("items() tells mails with the same UIDL apart, and also those with the same header", async () => {
  await using lab = await startLab([mail(1), mail(2), mail(2), mail(3)], {
    uidl: (one) => one.uid < 4 ? "same" : "a/b",
  });
  const keys = await keysOf(lab);
  assert.equal(new Set(keys).size, 4);
  assert.match(keys[2] ?? "", /\/uidl\/same\/top\/[\da-f]{64}\/2$/);
  assert.equal(keys[3], "ged%40exemple.fr@127.0.0.1/uidl/a%2Fb");
  assert.deepEqual(await keysOf(lab), keys);
});

Deno.test("items() does without TOP, and one unreadable header does not hide the others", async () => {
  await using lab = await startLab(3, {
    uidl: null,
    react: (command, argument) =>
      command === "TOP" || (command === "RETR" && argument === "2") ? "-ERR no\r\n" : undefined,
  });
  await using source = await lab.open();
  const items = await collect(source);
  assert.equal(items.length, 3);
  assert.equal(await read(items[2]), mail(3));
  await assert.rejects(read(items[1]), ItemError);
});

Deno.test("items() fails rather than rename mails when an announced UIDL does not work", async () => {
  await using lab = await startLab(1, {
    react: (command) => command === "UIDL" ? "-ERR try again\r\n" : undefined,
  });
  await using source = await lab.open();
  await assert.rejects(collect(source), { name: "Pop3Refusal", scope: "launcher" });
});

Deno.test("after = keep never deletes, but ends with QUIT", async () => {
  await using lab = await startLab(2);
  {
    await using source = await lab.open();
    for (const item of await collect(source)) assert.equal(await item.settle(DELIVERED), true);
    await source.commit();
  }
  assert.equal(lab.mailbox.mails.length, 2);
  assert.equal(lab.server.commands.at(-1), "QUIT");
});

Deno.test("after = delete deletes what is delivered or quarantined, once, at commit", async () => {
  await using lab = await startLab(4);
  await using source = await lab.open({ after: "delete" });
  const [one, two, three, four] = await collect(source);
  assert.equal(lab.server.commands.some((command) => command.startsWith("DELE")), false);
  assert.equal(await one?.settle(DELIVERED), true);
  assert.equal(await one?.settle(DELIVERED), true);
  assert.equal(await two?.settle({ kind: "quarantined" }), true);
  assert.equal(await three?.settle({ kind: "skipped" }), true);
  assert.equal(await four?.settle({ kind: "failed" }), false);
  assert.deepEqual(lab.server.commands.filter((command) => command.startsWith("DELE")), ["DELE 1", "DELE 2"]);
  assert.equal(lab.mailbox.mails.length, 4);
  await source.commit();
  assert.deepEqual(lab.mailbox.mails.map((one) => one.uid), [3, 4]);
});

Deno.test("a source that is dropped without commit sends no QUIT and deletes nothing", async () => {
  await using lab = await startLab(2);
  {
    await using source = await lab.open({ after: "delete" });
    for (const item of await collect(source)) await item.settle(DELIVERED);
  }
  assert.equal(lab.mailbox.mails.length, 2);
  assert.equal(lab.server.commands.includes("QUIT"), false);
});

Deno.test("commit() fails unless the server confirms QUIT", async () => {
  for (const reaction of ["-ERR some mails were not deleted\r\n", "close"] as const) {
    await using lab = await startLab(1, { react: (command) => command === "QUIT" ? reaction : undefined });
    await using source = await lab.open({ after: "delete" });
    await assert.rejects(source.commit(), SourceError);
  }
});

Deno.test("settle() says which mail the server will not delete, and the session goes on", async () => {
  await using lab = await startLab(2, {
    react: (command) => command === "DELE" ? "-ERR locked\r\n" : undefined,
  });
  await using source = await lab.open({ after: "delete" });
  const [one, two] = await collect(source);
  await assert.rejects(
    async () => await one?.settle(DELIVERED),
    (error) => error instanceof ItemError && /Cannot delete mail 1: .*locked/.test(error.message),
  );
  assert.equal(await read(two), mail(2));
});

Deno.test("after = { delete_after_days } asks for the age only to settle, and answers false while it is too early", async () => {
  const day = (daysAgo: number) => new Date(Date.now() - daysAgo * 86_400_000).toUTCString();
  await using lab = await startLab([
    `Received: from a by b;\r\n ${day(40)} (CET)\r\nDate: ${day(1)}\r\n\r\nold\r\n`,
    `Received: from a by b; ${day(3)}\r\nReceived: from c; ${day(50)}\r\n\r\nyoung\r\n`,
    `Date: ${day(31)}\r\n\r\nold by its own word\r\n`,
    "Subject: no date\r\n\r\n",
  ]);
  await using source = await lab.open({ after: { delete_after_days: 30 } });
  const items = await collect(source);
  assert.equal(lab.server.commands.some((command) => command.startsWith("TOP")), false);
  const settled = await Promise.all(items.map((item) => item.settle(DELIVERED)));
  assert.deepEqual(settled, [true, false, true, false]);
  await source.commit();
  assert.deepEqual(lab.mailbox.mails.map((one) => one.uid), [2, 4]);
});

Deno.test("open() refuses a mail that ends before its announced size, and can be asked again", async () => {
  let isCut = true;
  await using lab = await startLab(2, {
    react: (command, argument) =>
      isCut && command === "RETR" && argument === "1" ? "+OK\r\nMessage-ID: <1@\r\n.\r\n" : undefined,
  });
  await using source = await lab.open();
  const [one, two] = await collect(source);
  await assert.rejects(
    read(one),
    (error) => error instanceof ItemError && /ended after 17 of the/.test(error.message),
  );
  assert.equal(await read(two), mail(2));
  isCut = false;
  assert.equal(await read(one), mail(1));
});

Deno.test("open() errors the stream of a large mail that ends before its announced size", async () => {
  const large = mail(1, "0123456789\r\n".repeat(30_000));
  await using lab = await startLab([large], { announce: (one) => one.raw.length + 100 });
  await using source = await lab.open();
  const [one] = await collect(source);
  assert.ok(one);
  const stream = await one.open();
  await assert.rejects(new Response(stream).text(), ItemError);
});

Deno.test("open() takes sizes counted otherwise: line ends as one octet, dots as they travel, estimates of Exchange", async () => {
  const dotted = mail(1, ".\r\n".repeat(50));
  for (
    const script of [
      { announce: () => dotted.replaceAll("\r\n", "\n").length },
      { announce: () => dotted.length + 50 + ".\r\n".length },
      { announce: () => 9999, greeting: "+OK The Microsoft Exchange POP3 service is ready. [QQ==]" },
    ]
  ) {
    await using lab = await startLab([dotted], script);
    await using source = await lab.open();
    assert.equal(await read((await collect(source))[0]), dotted);
  }
});

/** The commands until a deletion that follows all that has been asked for. */
async function commandsSoFar(lab: Lab, item: Item | undefined): Promise<string[]> {
  await item?.settle(DELIVERED);
  return lab.server.commands.filter((command) => command.startsWith("RETR"));
}

Deno.test("expect() fetches ahead, in order and within bounds, and every mail is its own", async () => {
  await using lab = await startLab(300);
  await using source = await lab.open({ after: "delete" });
  const items = await collect(source);
  source.expect?.(items);
  assert.deepEqual(
    await commandsSoFar(lab, items.at(-1)),
    items.slice(0, 64).map((_, index) => `RETR ${index + 1}`),
  );
  for (const [index, item] of items.slice(0, -1).entries()) assert.equal(await read(item), mail(index + 1));
  const retrieved = lab.server.commands.filter((command) => command.startsWith("RETR"));
  assert.deepEqual(retrieved, items.map((_, index) => `RETR ${index + 1}`));
});

Deno.test("expect() holds to 2 MiB ahead, and leaves large mails for their turn", async () => {
  const medium = mail(1, "0123456789\r\n".repeat(20_000));
  const large = mail(2, "0123456789\r\n".repeat(25_000));
  await using lab = await startLab([...Array(10).fill(medium), large, medium, mail(3)]);
  await using source = await lab.open({ after: "delete" });
  const items = await collect(source);
  source.expect?.(items);
  assert.equal((await commandsSoFar(lab, items.at(-1))).at(-1), "RETR 8");
  for (const item of items.slice(0, 5)) assert.equal((await read(item)).length, item.sizeBytes);
  assert.equal((await commandsSoFar(lab, items[0])).at(-1), "RETR 10");
  for (const item of items.slice(5, 12)) assert.equal((await read(item)).length, item.sizeBytes);
  assert.equal((await commandsSoFar(lab, items[1])).length, 13);
});

Deno.test("expect() is a hint: passed over, out of order, and lied about, mails stay what they are", async () => {
  const large = mail(5, "0123456789\r\n".repeat(60_000));
  const texts = [1, 2, 3, 4].map((number) => mail(number)).concat(large, mail(6));
  await using lab = await startLab(texts, { announce: (one) => Math.min(one.raw.length, 100) });
  await using source = await lab.open();
  const items = await collect(source);
  source.expect?.(items);
  for (const index of [2, 0, 3, 4, 5, 1, 1]) assert.equal(await read(items[index]), texts[index]);
  await source.commit();
});

Deno.test("commands are sent ahead where PIPELINING is announced, and nowhere else", async () => {
  for (const capabilities of [["UIDL", "TOP", "PIPELINING"], ["UIDL", "TOP"], null]) {
    await using lab = await startLab(100, { capabilities });
    await using source = await lab.open({ after: "delete" });
    const items = await collect(source);
    source.expect?.(items);
    for (const [index, item] of items.entries()) assert.equal(await read(item), mail(index + 1));
    await Promise.all(items.map((item) => item.settle(DELIVERED)));
    await source.commit();
    assert.equal(lab.mailbox.mails.length, 0);
    assert.equal(lab.server.wasPipelined, capabilities?.includes("PIPELINING") ?? false);
  }
});

Deno.test("a mail that the server breaks off is no mail, and the failure is the source's", async () => {
  for (const then of ["reset", "close"] as const) {
    for (const afterBytes of [0, 40, mail(1).length, mail(1).length + 1, mail(1).length + 2]) {
      await using lab = await startLab(3, { cut: { afterBytes, then } });
      await using source = await lab.open();
      const items = await collect(source);
      source.expect?.(items);
      for (const item of items) {
        await assert.rejects(
          read(item),
          (error) => error instanceof SourceError && error.fault === "unreachable",
        );
      }
    }
  }
});

Deno.test("an abort ends a transfer that stands still, with the signal's reason", async () => {
  await using lab = await startLab(1, { cut: { afterBytes: 10, then: "stall" } });
  const gate = new AbortController();
  await using source = await lab.open({}, testContext({ signal: gate.signal }));
  const [item] = await collect(source);
  const reading = read(item);
  await lab.server.received("RETR");
  const reason = new Error("the gateway stops");
  gate.abort(reason);
  await assert.rejects(reading, reason);
});

Deno.test("a mailbox behind a tunnel is reached through dial() alone, and keyed by the service", async () => {
  await using lab = await startLab(1);
  const dialled: string[] = [];
  const context = testContext({
    dial: (service) => {
      dialled.push(service);
      return Deno.connect({ hostname: "127.0.0.1", port: lab.server.port });
    },
  });
  const { account, password } = LISTEN;
  const options = v.parse(pop3.options, { protocol: "pop3", tunnel: "gmail-pop3", account, password });
  await using source = await pop3.open(options, context);
  const [item] = await collect(source);
  assert.equal(item?.key, "ged%40exemple.fr@gmail-pop3/uidl/1.1");
  assert.deepEqual(dialled, ["gmail-pop3"]);
});

Deno.test("a mail of 150 MB is streamed: no more of it is fetched than its reader keeps up with", async () => {
  const lineBytes = new TextEncoder().encode("0123456789abcdef".repeat(4).slice(0, 62) + "\r\n");
  const block = new Uint8Array(1 << 20).map((_, index) => lineBytes[index % 64] ?? 0);
  const blocks = 150;
  let [sent, received, ahead] = [0, 0, 0];
  await using lab = await startLab(["x"], {
    announce: () => blocks * block.length,
    async *body() {
      for (let index = 0; index < blocks; index++) {
        yield block;
        sent += block.length;
        ahead = Math.max(ahead, sent - received);
      }
      yield new TextEncoder().encode(".\r\n");
    },
  });
  await using source = await lab.open();
  const [item] = await collect(source);
  assert.ok(item);
  for await (const chunk of await item.open()) {
    received += chunk.length;
    // A reader that is slower than the server.
    await new Promise((resolve) => setTimeout(resolve));
  }
  assert.equal(received, blocks * block.length);
  assert.ok(ahead < 50e6, `${Math.round(ahead / 1e6)} MB were on their way`);
});
