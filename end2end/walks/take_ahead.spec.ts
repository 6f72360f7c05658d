// A customer takes the build ahead of its night: not before it is offered, then in a night of its own choice, and back.

import { Api, setSpeed, startRollout, until } from "../support/api";
import { ADMIN, OPERATOR, VIEWER } from "../support/people";
import { TRAIN } from "../support/rollout";
import { expect, test } from "../support/test";

test.use({ serverOf: "take ahead" });

const TAKE = "Take it ahead";

test("refused with the first possible time, chosen, taken back", async ({ as, api, server }) => {
  test.setTimeout(240_000);
  await startRollout(server, TRAIN);
  const uat = (await (await api(ADMIN)).environments()).get("UAT") ?? "";
  const ada = await as(ADMIN);
  const panel = ada.page.getByRole("region", { name: TAKE });

  await test.step("before the change cutoff it is not offered, and the page says from when on", async () => {
    await ada.open(`/environments/${uat}`);
    await ada.sees((within) => expect(panel).toContainText("The build is not offered yet", within));
    await expect(panel).toContainText("It can be taken from Wed 30 Sep 2026");
    await expect(panel.getByRole("button")).toHaveCount(0);
  });

  await setSpeed(server, "day_in_ten_seconds");
  const operator = await Api.of(server, OPERATOR);
  const shown = () => ada.page.request.get(`/api/environments/show?input[environment]=${uat}`).then((answer) => answer.text());
  await until("the build is offered", 180_000, shown, (text) => text.includes('"offered"'));
  await setSpeed(server, "stopped");
  await operator.end();

  await test.step("nothing chosen is refused beside the choice", async () => {
    await ada.reload();
    await ada.send(panel.getByRole("button", { name: TAKE }));
    await ada.refused("field-input-start", "Choose when it is to start.");
  });

  await test.step("the effect is said before, and is what happens", async () => {
    const last = panel.getByRole("radio").last();
    await expect(last).toHaveAccessibleName(/starts on .*within the dark hours/);
    await last.check();
    await ada.send(panel.getByRole("button", { name: TAKE }));
    await ada.told(/within the dark hours|It is taken ahead of its night/);
    await expect(panel).toContainText("It is taken ahead: its update starts in the night of");
    await expect(ada.page.getByRole("region", { name: "Why then?" })).toContainText("takes it ahead");
  });

  await test.step("a viewer sees it and cannot take it back", async () => {
    const jonas = await as(VIEWER);
    await jonas.open(`/environments/${uat}`);
    await expect(jonas.page.getByRole("region", { name: "Why then?" })).toContainText("takes it ahead");
    await expect(jonas.page.getByRole("region", { name: TAKE })).toHaveCount(0);
  });

  await test.step("taken back", async () => {
    await ada.send(panel.getByRole("button", { name: "Do not take it ahead" }));
    await ada.told(/is not taken ahead/);
    await expect(panel.getByRole("button", { name: TAKE })).toBeVisible();
  });
});
