// A rollout lived through: a regression halts it, a person goes on; an open page follows without being loaded again.

import { ADMIN, APPROVER, OPERATOR, RELEASE_MANAGER } from "../support/people";
import { BUILD, confirm, happened, openRollout, state, TRAIN, unfold } from "../support/rollout";
import { expect, test } from "../support/test";

// Every update of this build fails: the first night shows it.
test.use({ flags: ["--demo-regression", `${BUILD}=100`] });

test("a regression is stopped by the gate, and a person resumes", async ({ as, javaScriptEnabled }) => {
  // A week of the demo's time.
  test.setTimeout(540_000);
  const release = await as(RELEASE_MANAGER);
  const approver = await as(APPROVER);
  const operator = await as(OPERATOR);

  await test.step("start and approve", async () => {
    await openRollout(release);
    await confirm(release, `Start ${TRAIN}`);
    await release.told(/started/);
    await openRollout(approver);
    await confirm(approver, "Approve station 2");
    await approver.told("Station 2 is approved.");
  });

  await test.step("an open page follows", async () => {
    await release.sees((within) => expect(happened(release)).toContainText("Station 2 approved by N. Okafor", within));
    await expect(release.page.getByRole("region", { name: "Approvals" })).toContainText("approved by N. Okafor");
  });

  await test.step("the operator lets the clock run", async () => {
    await operator.open("/rollouts");
    const clock = operator.page.locator(".top-clock");
    await expect(clock).toContainText("Demo clock");
    const before = await clock.locator(".chip").innerText();
    await clock.getByLabel("Speed of the demo clock").selectOption({ label: "A day in ten seconds" });
    await operator.send(clock.getByRole("button", { name: "Set" }));
    await expect(clock.getByLabel("Speed of the demo clock")).toHaveValue("day_in_ten_seconds");
    await operator.sees((within) => expect(clock.locator(".chip")).not.toHaveText(before, within));
    // Only an operator sets it; everybody sees how fast it runs.
    await release.sees((within) => expect(release.page.locator(".top-clock")).toContainText("A day in ten seconds", within));
    await expect(release.page.locator(".top-clock").getByRole("button")).toHaveCount(0);
  });

  await test.step("the train enters station 1", async () => {
    if (javaScriptEnabled) await release.page.evaluate(() => ((window as unknown as { here: boolean }).here = true));
    // How long it is open before the gate stops it is a matter of seconds here: the history keeps it.
    await release.sees((within) => expect(happened(release)).toContainText("Station 1 · Sandbox opened", within), 300_000);
  });

  await test.step("the gate halts it and the page says why", async () => {
    await release.sees((within) => expect(state(release)).toHaveText("Halted", within), 200_000);
    const line = release.page.getByRole("list", { name: `Stations of ${TRAIN}` });
    await expect(line.getByRole("listitem").first()).toHaveClass(/is-halted/);
    const halt = release.page.getByRole("alert").filter({ hasText: "Halted: nothing new starts" });
    await expect(halt).toContainText(/Station 1 · Sandbox/);
    await expect(halt).toContainText(/failures of .* as good as usual/);
    await expect(release.page.getByRole("table", { name: "Stages" }).getByRole("row", { name: /^Station 1 · Sandbox/ })).toContainText(/fail/);
    if (javaScriptEnabled) {
      expect(await release.page.evaluate(() => (window as unknown as { here?: boolean }).here), "the page was never loaded again").toBe(true);
    }
  });

  await test.step("the customer's message leads to what happened", async () => {
    const ada = await as(ADMIN);
    await ada.open("/notifications?filter=upcoming");
    await ada.follow(ada.page.locator(".notices a").filter({ hasText: "PERF" }).first());
    await ada.follow(ada.page.getByRole("link", { name: "Open PERF" }));
    await expect(ada.heading("PERF")).toBeVisible();
    await expect(ada.page.getByRole("heading", { name: `Next: ${TRAIN}` })).toBeVisible();
    await expect(ada.page.locator("main")).toContainText(/halted/i);
  });

  await test.step("resuming asks why", async () => {
    const form = await unfold(release, `Resume ${TRAIN}`);
    await form.getByRole("checkbox").check();
    await release.send(form.getByRole("button", { name: `Resume ${TRAIN}` }));
    await release.refused("field-input-reason", "Say why. The reason is shown to everybody concerned and kept in the audit trail.");
    await form.getByRole("checkbox").check();
    await form.getByLabel("Reason").fill("the failures were a bad disk, replaced");
    await release.send(form.getByRole("button", { name: `Resume ${TRAIN}` }));
    await expect(happened(release)).toContainText("Rollout resumed by R. Iyer: the failures were a bad disk, replaced");
  });
});
