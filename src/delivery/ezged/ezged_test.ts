import { EzgedStand, INTO_COLD, intoRecord } from "../../../test/servers/ezged_destination.ts";
import { testDestination } from "../../../test/suites/destination.ts";

const decoder = new TextDecoder();

testDestination("EzGED (waiting directory)", async () => {
  const stand = await EzgedStand.start();
  return {
    deliver: INTO_COLD,
    open: () => stand.open(),
    arrived: () =>
      Promise.resolve(
        (stand.server.cold.get("factures") ?? []).map(({ name, bytes }) => ({
          name,
          text: decoder.decode(bytes),
        })),
      ),
    staged: () => stand.folder.list("outbox/mairie"),
    setDown: (isDown) => Promise.resolve(void (stand.server.isDown = isDown)),
    cleanup: () => stand[Symbol.asyncDispose](),
  };
});

testDestination("EzGED (rows of a table)", async () => {
  const stand = await EzgedStand.start();
  return {
    deliver: intoRecord(),
    open: () => stand.open(),
    arrived: () =>
      Promise.resolve(
        stand.server.rows("COURRIERS").flatMap(({ pages }) =>
          pages.map(({ name, bytes }) => ({ name, text: decoder.decode(bytes) }))
        ),
      ),
    staged: () => stand.folder.list("outbox/mairie"),
    setDown: (isDown) => Promise.resolve(void (stand.server.isDown = isDown)),
    cleanup: () => stand[Symbol.asyncDispose](),
  };
});
