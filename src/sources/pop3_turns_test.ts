/** What sessions of one account in one process know of each other. */
import assert from "node:assert/strict";
import * as v from "valibot";
import { testContext } from "../../test/servers/context.ts";
import { Mailbox } from "../../test/servers/mailbox.ts";
import { type Pop3Server, startPop3Server } from "../../test/servers/pop3_server.ts";
import { pop3 } from "./pop3.ts";
import type { Source, SourceContext } from "./source.ts";

const DELIVERED = { kind: "delivered" } as const;
const USERS = { ged: "geheim" };

async function open(port: number, more: object, context: SourceContext): Promise<Source> {
  const listen = {
    protocol: "pop3",
    server: "127.0.0.1",
    port,
    tls: "none",
    account: "ged",
    password: "geheim",
  };
  return await pop3.open(v.parse(pop3.options, { ...listen, ...more }), context);
}

Deno.test("sessions of one account take turns: a server gives its mailbox to one at a time", async () => {
  let most = 0;
  const count = () => {
    most = Math.max(most, server.sessionCount);
    return undefined;
  };
  const mailbox = new Mailbox();
  for (const n of [1, 2, 3]) mailbox.add(`Subject: n${n}\r\n\r\n${n}\r\n`);
  const server: Pop3Server = await startPop3Server({
    mailbox,
    users: USERS,
    script: { react: () => count() },
  });
  await using _ = server;
  const context = testContext();
  await Promise.all([1, 2, 3].map(async () => {
    await using source = await open(server.port, {}, context);
    for (const item of await Array.fromAsync(source.items())) await new Response(await item.open()).bytes();
    await source.commit();
  }));
  assert.equal(most, 1);
});
Deno.test("the age of a mail that is kept for now is asked once, not at every poll", async () => {
  const mailbox = new Mailbox();
  const add = (text: string) => mailbox.add(`Date: ${new Date().toUTCString()}\r\n\r\n${text}\r\n`);
  for (const text of ["1", "2", "3"]) add(text);
  await using server = await startPop3Server({ mailbox, users: USERS });
  const context = testContext();
  for (let poll = 0; poll < 3; poll++) {
    await using source = await open(server.port, { after: { delete_after_days: 30 } }, context);
    const items = await Array.fromAsync(source.items());
    assert.deepEqual(await Promise.all(items.map((item) => item.settle(DELIVERED))), items.map(() => false));
    await source.commit();
    if (poll === 1) add("new");
  }
  const asked = server.commands.filter((command) => command.startsWith("TOP"));
  assert.deepEqual(asked, ["TOP 1 0", "TOP 2 0", "TOP 3 0", "TOP 4 0"]);
});
