import assert from "node:assert/strict";
import { readSchedule, Schedule, type Scheduled } from "./schedule.ts";

/** A schedule whose runs can be awaited one by one. */
function probe(options: Partial<Scheduled> & { results?: boolean[] }) {
  const runs: PromiseWithResolvers<void>[] = [
    Promise.withResolvers(),
    Promise.withResolvers(),
    Promise.withResolvers(),
  ];
  const state = { count: 0, running: 0, most: 0 };
  const schedule = new Schedule({
    timetable: readSchedule("@every 20ms"),
    lastRun: null,
    run: async () => {
      state.running++;
      state.most = Math.max(state.most, state.running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      state.running--;
      const result = options.results?.[state.count] ?? true;
      runs[state.count++]?.resolve();
      return result;
    },
    ...options,
  });
  return { schedule, state, ran: (n: number) => runs[n]?.promise };
}

Deno.test("readSchedule() refuses what is no schedule and what would never run", () => {
  assert.throws(() => readSchedule("61 * * * *"), RangeError);
  assert.throws(() => readSchedule("0 0 31 2 *"), /never run/);
  assert.throws(() => readSchedule("0 0 * * *", { timezone: "Europe/Pariss" }), RangeError);
});

Deno.test("readSchedule() follows the time zone through the change of clocks", () => {
  const timetable = readSchedule("30 2 * * *", { timezone: "Europe/Paris" });
  assert.equal(timetable.next(new Date("2027-03-27T12:00:00Z"))?.toISOString(), "2027-03-28T01:00:00.000Z");
  assert.equal(timetable.next(new Date("2027-03-28T12:00:00Z"))?.toISOString(), "2027-03-29T00:30:00.000Z");
});

Deno.test("push polls mailboxes every quarter of an hour, whatever is pushed, and folders every ten seconds", () => {
  const now = new Date();
  const waits = (["mail", "folder"] as const).map((pushes) => {
    const next = readSchedule("push", { pushes }).next(now);
    return ((next?.getTime() ?? NaN) - now.getTime()) / 1000;
  });
  assert.deepEqual(waits, [900, 10]);
});

Deno.test("@every polls at once and again and again, never twice at a time", async () => {
  const { schedule, state, ran } = probe({});
  schedule.start();
  await ran(2);
  await schedule.stop();
  assert.equal(state.most, 1);
});

Deno.test("ticks missed while the machine slept are caught up by one poll", async () => {
  const timetable = readSchedule("0 3 * * *", { timezone: "UTC" });
  const { schedule, state, ran } = probe({ timetable, lastRun: new Date(Date.now() - 10 * 86_400_000) });
  schedule.start();
  await ran(0);
  await schedule.stop();
  assert.equal(state.count, 1);
  assert.ok(schedule.nextRun && schedule.nextRun > new Date());
});

Deno.test("a launcher that has just polled waits for its next tick after a restart", async () => {
  const timetable = readSchedule("0 3 * * *", { timezone: "UTC" });
  const { schedule, state } = probe({ timetable, lastRun: new Date() });
  schedule.start();
  await schedule.stop();
  assert.equal(state.count, 0);
});

Deno.test("after an error the pauses grow, and a poll by hand that goes well ends them", async () => {
  const { schedule } = probe({ results: [false, false, true] });
  assert.equal(await schedule.runNow(), false);
  const first = (schedule.nextRun?.getTime() ?? 0) - Date.now();
  assert.equal(await schedule.runNow(), false);
  const second = (schedule.nextRun?.getTime() ?? 0) - Date.now();
  assert.ok(first > 20_000 && second > 40_000, `${first} ${second}`);
  assert.equal(await schedule.runNow(), true);
  assert.ok((schedule.nextRun?.getTime() ?? 0) - Date.now() < 1000);
});

Deno.test("push polls when something arrives, and again when more arrives during the poll", async () => {
  const wake = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { schedule, ran } = probe({
    timetable: readSchedule("push"),
    watch: async function* (signal) {
      for (const { promise } of wake) {
        await promise;
        yield;
      }
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  });
  schedule.start();
  await ran(0);
  wake[0]?.resolve();
  await ran(1);
  wake[1]?.resolve();
  await ran(2);
  await schedule.stop();
});

Deno.test("a watch that breaks is begun again, after pauses that grow", async () => {
  const begun: number[] = [];
  const third = Promise.withResolvers<void>();
  const errors: unknown[] = [];
  const { schedule } = probe({
    timetable: readSchedule("push"),
    watchPause: { firstMs: 40, mostMs: 10_000 },
    onWatchError: (error) => errors.push(error),
    watch: async function* () {
      begun.push(performance.now());
      if (begun.length === 3) third.resolve();
      yield await Promise.resolve();
      throw new Error("cut");
    },
  });
  // The poll that goes well at the start would let the watch begin at once.
  schedule.pause();
  schedule.start();
  await third.promise;
  await schedule.stop();
  const [first = 0, second = 0, last = 0] = begun;
  assert.ok(second - first >= 30 && last - second >= 60, begun.join(" "));
  assert.ok(errors.length >= 2);
});

Deno.test("a watch that breaks is followed by a poll, which tells what is wrong, and is not begun while polls fail", async () => {
  const events: string[] = [];
  const failed = Promise.withResolvers<void>();
  const { schedule } = probe({
    timetable: readSchedule("push"),
    watchPause: { firstMs: 10, mostMs: 10 },
    run: () => {
      events.push("poll");
      const isFirst = events.length === 1;
      if (!isFirst) failed.resolve();
      return Promise.resolve(isFirst);
    },
    watch: async function* () {
      events.push("watch");
      if (events.length > 2) return;
      yield* [];
      await Promise.reject(new Error("cut"));
    },
  });
  schedule.start();
  await failed.promise;
  await schedule.stop();
  assert.deepEqual(events.slice(0, 3), ["poll", "watch", "poll"]);
  assert.equal(events.filter((event) => event === "poll").length, 2);
});

Deno.test("a poll that goes well lets a watch that broke begin again at once", async () => {
  const begun = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let count = 0;
  const { schedule } = probe({
    timetable: readSchedule("push"),
    watchPause: { firstMs: 600_000, mostMs: 600_000 },
    watch: async function* (signal) {
      const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
      begun[count++]?.resolve();
      yield;
      if (count === 1) throw new Error("cut");
      await aborted;
    },
  });
  schedule.pause();
  schedule.start();
  await begun[0]?.promise;
  // The pause has begun once the loop has had its turn.
  await new Promise((resolve) => setTimeout(resolve, 0));
  await schedule.runNow();
  await begun[1]?.promise;
  await schedule.stop();
});

Deno.test("a paused launcher does not poll by itself", async () => {
  const { schedule, state, ran } = probe({});
  schedule.pause();
  schedule.start();
  assert.equal(schedule.nextRun, null);
  await schedule.runNow();
  assert.equal(state.count, 1);
  schedule.resume();
  await ran(1);
  await schedule.stop();
});

Deno.test("a watch begins once the first poll is over: that may make what is watched", async () => {
  const events: string[] = [];
  const watching = Promise.withResolvers<void>();
  const { schedule } = probe({
    timetable: readSchedule("push"),
    run: async () => {
      events.push("poll begins");
      await new Promise((resolve) => setTimeout(resolve, 1));
      events.push("poll ends");
      return true;
    },
    watch: async function* (signal) {
      const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
      events.push("watch begins");
      watching.resolve();
      yield;
      await aborted;
    },
  });
  schedule.start();
  await watching.promise;
  await schedule.stop();
  assert.deepEqual(events.slice(0, 3), ["poll begins", "poll ends", "watch begins"]);
});
