import assert from "node:assert/strict";
import * as v from "valibot";
import { imapOptions, mailboxesOf } from "./imap_options.ts";

const BASE = { protocol: "imap", server: "imap.exemple.fr", account: "ged@exemple.fr", password: "geheim" };

Deno.test("imap options have the defaults of the documentation", () => {
  const options = v.parse(imapOptions, BASE);
  assert.deepEqual(mailboxesOf(options), ["INBOX"]);
  assert.equal(options.after, "keep");
  assert.equal(options.unseen_only, false);
});

Deno.test("imap options accept what the documentation shows", async (t) => {
  const cases: object[] = [
    { mailbox: "INBOX/Factures reçues" },
    { mailboxes: ["inbox", "Archive"], unseen_only: true, since_days: 30 },
    ...["keep", "seen", "flag", "delete", { move: "Traités" }, { flag: "$Lanceur" }].map((after) => ({
      after,
    })),
    { exact_sizes: false },
  ];
  for (const options of cases) {
    await t.step(JSON.stringify(options), () => assert.ok(v.is(imapOptions, { ...BASE, ...options })));
  }
});

Deno.test("imap options are refused with what would be right", async (t) => {
  const cases: [object, string, RegExp][] = [
    [{ mailbox: "" }, "mailbox", /must be the path of a mailbox/],
    [{ mailbox: "a\r\nA1 LOGOUT" }, "mailbox", /control characters/],
    [{ mailbox: "A", mailboxes: ["B"] }, "mailboxes", /cannot stand beside mailbox/],
    [{ mailboxes: [] }, "mailboxes", /at least one/],
    [{ mailboxes: "INBOX" }, "mailboxes", /must be a list/],
    [{ mailboxes: ["INBOX", "inbox"] }, "mailboxes", /twice/],
    [{ since_days: 0 }, "since_days", /whole number of days/],
    [{ since_days: 1.5 }, "since_days", /whole number of days/],
    [{ unseen_only: "yes" }, "unseen_only", /true or false/],
    [{ after: "burn" }, "after", /must be "keep", "seen", "flag", "delete"/],
    [{ after: { flag: "two words" } }, "after", /must be "keep"/],
    [{ after: { flag: "\\Deleted" } }, "after", /must be "keep"/],
    [{ after: { move: "Inbox" } }, "after", /not among those taken from/],
    [{ mailboxes: ["A", "B"], after: { move: "B" } }, "after", /not among those taken from/],
    [{ user: "x" }, "user", /./],
  ];
  for (const [options, key, message] of cases) {
    await t.step(JSON.stringify(options), () => {
      const { issues = [] } = v.safeParse(imapOptions, { ...BASE, ...options });
      const issue = issues.find((one) => v.getDotPath(one)?.startsWith(key));
      assert.ok(issue, JSON.stringify(issues.map((one) => [v.getDotPath(one), one.message])));
      assert.match(issue.message, message);
    });
  }
});
