// axe-core on a page as it stands. Its source is run through the browser's debugger, which no content security policy
// stops; nothing is added to the page.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";

const source = readFileSync(createRequire(__filename).resolve("axe-core/axe.min.js"), "utf8");

interface Violation {
  id: string;
  help: string;
  nodes: { target: unknown[]; failureSummary?: string }[];
}

interface Axe {
  run(options: object): Promise<{ violations: Violation[] }>;
}

const OPTIONS = {
  resultTypes: ["violations"],
  runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
  rules: { "target-size": { enabled: true } },
};

/** One line a violation, with where it is. */
export async function violations(page: Page): Promise<string[]> {
  const there = await page.evaluate(() => "axe" in window);
  if (!there) await page.evaluate(source);
  const found = await page.evaluate((options) => (window as unknown as { axe: Axe }).axe.run(options), OPTIONS);
  return found.violations.map((violation) => {
    const where = violation.nodes.map((node) => `${node.target.join(" ")} (${node.failureSummary?.replace(/\s+/g, " ")})`);
    return `${violation.id}: ${violation.help}: ${where.slice(0, 5).join("; ")}`;
  });
}

/** What is wider than the page, where the page scrolls sideways. */
export async function sideways(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const wide = [...document.querySelectorAll("body *")].filter((element) => element.getBoundingClientRect().right > width + 1);
    return [`${document.documentElement.scrollWidth} px of ${width}`, ...wide.slice(0, 5).map((element) => `${element.tagName}.${element.className}`)];
  });
}
