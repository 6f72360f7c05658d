// The server is killed in the middle of a rollout, more than once, and started again on the same database.

import { type Rollout, startRollout, until } from "../support/api";
import { APPROVER, RELEASE_MANAGER } from "../support/people";
import { state, TRAIN } from "../support/rollout";
import { expect, test } from "../support/test";

const FAST = ["--demo-speed", "day_in_ten_seconds"];

// Nothing fails by itself: what is missing at the end is missing because of the kills.
test.use({ flags: ["--demo-failure-percent", "0"], serverOf: "crash" });

interface Listed {
  rows: { id: string; name: string }[];
  next: string | null;
}

interface Environment {
  name: string;
  build: string;
  history: { train: string; state: string }[];
}

test("a killed server goes on where it was: nothing lost, nothing done twice", async ({ server, as, api }) => {
  test.setTimeout(540_000);
  const flags = ["--demo-failure-percent", "0", ...FAST];
  const id = await startRollout(server, TRAIN);
  const watcher = await as(RELEASE_MANAGER);
  const ask = async (): Promise<Rollout> => (await api(RELEASE_MANAGER)).rollout(TRAIN);

  const killed = async (): Promise<void> => {
    await server.kill("SIGKILL");
    await server.begin(flags);
  };

  await test.step("what was acknowledged is there after a kill", async () => {
    const approver = await api(APPROVER);
    await approver.post("rollouts/approve", { "input[rollout]": id, "input[station]": "2", "input[confirmed]": "yes" });
    await killed();
    expect((await ask()).timeline.map((row) => row.text)).toContain("Station 2 approved by N. Okafor");
  });

  await test.step("killed while updates run, three times", async () => {
    const calls = await api(RELEASE_MANAGER);
    await until("updates run", 400_000, () => calls.rollout(TRAIN), (found) => found.counts.running > 0);
    for (let kills = 0; kills < 3; kills++) {
      await killed();
      await new Promise((done) => setTimeout(done, 700));
    }
  });

  await test.step("the running ones finish, and nothing is left in between", async () => {
    const calls = await api(RELEASE_MANAGER);
    const found = await until(
      "station 1 is updated",
      300_000,
      () => calls.rollout(TRAIN),
      ({ stages, counts }) => counts.running === 0 && (stages[0]?.counts.succeeded ?? 0) > 15,
    );
    expect(found.counts.failed).toBe(0);
    await server.kill("SIGKILL");
  });

  await test.step("the audit trail is whole", async () => {
    const { code, out } = await server.command("audit", "verify");
    expect(out).toContain("unbroken");
    expect(code, out).toBe(0);
  });

  await test.step("each environment was updated once", async () => {
    await server.begin(["--demo-failure-percent", "0", "--demo-speed", "stopped"]);
    const calls = await api(RELEASE_MANAGER);
    const { rows } = await calls.get<Listed>("rollouts/environments", {
      "params[rollout]": id,
      "params[station]": "1",
      "params[state]": "succeeded",
    });
    expect(rows.length).toBeGreaterThan(15);
    for (const row of rows) {
      const { name, build, history } = await calls.get<Environment>("environments/show", { "input[environment]": row.id });
      const delivered = history.filter((entry) => entry.train === TRAIN);
      expect(delivered.map((entry) => entry.state), name).toEqual(["succeeded"]);
      expect(build, name).toBe("10.0.2645.147");
    }
  });

  await test.step("who was signed in still is", async () => {
    await watcher.open(`${server.url}/rollouts/${id}`);
    await expect(state(watcher)).toHaveText("Running");
  });
});
