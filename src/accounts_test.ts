import assert from "node:assert/strict";
import { Accounts } from "./accounts.ts";

const { signal } = new AbortController();

Deno.test("turns of one account come one after the other, in the order in which they were asked for", async () => {
  const accounts = new Accounts();
  const log: string[] = [];
  const use = async (name: string) => {
    using _ = await accounts.turn("a", signal);
    log.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 1));
    log.push(`${name} ends`);
  };
  await Promise.all([use("1"), use("2"), use("3")]);
  assert.deepEqual(log, ["1", "2", "3"].flatMap((name) => [`${name} begins`, `${name} ends`]));
});

Deno.test("turns of different accounts do not wait for each other", async () => {
  const accounts = new Accounts();
  using _ = await accounts.turn("a", signal);
  using _other = await accounts.turn("b", signal);
});

Deno.test("what a turn leaves is found by the next one, once", async () => {
  const accounts = new Accounts();
  {
    using turn = await accounts.turn("a", signal);
    assert.equal(turn.take(), undefined);
    turn.leave("connection");
  }
  using turn = await accounts.turn("a", signal);
  assert.equal(turn.take(), "connection");
  assert.equal(turn.take(), undefined);
});

Deno.test("what has ended by itself is not kept for a next turn that may never come", async () => {
  const accounts = new Accounts();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  {
    using turn = await accounts.turn("a", signal);
    turn.leave("connection", ended);
  }
  assert.equal(accounts.size, 1);
  end();
  await ended;
  assert.equal(accounts.size, 0);
  {
    using turn = await accounts.turn("a", signal);
    turn.leave("one that has ended", ended);
    turn.leave("another");
  }
  using turn = await accounts.turn("a", signal);
  assert.equal(turn.take(), "another");
});

Deno.test("a turn that is given up while it waits does not hold up the next", async () => {
  const accounts = new Accounts();
  const first = await accounts.turn("a", signal);
  const gate = new AbortController();
  const second = accounts.turn("a", gate.signal);
  const third = accounts.turn("a", signal);
  gate.abort(new Error("stopping"));
  await assert.rejects(second, /stopping/);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  (await third)[Symbol.dispose]();
});
