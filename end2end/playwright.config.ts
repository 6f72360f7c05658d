// How the browser tests run. `cargo xtask test` sets the three variables below; by hand, the last build is used.
//
//   walks/<walk>.spec.ts           with Wasm, and again with JavaScript switched off
//   walks/<walk>.hydrate.spec.ts   with Wasm only
//   walks/pictures.ts              no test: takes pictures, see there

import { defineConfig } from "@playwright/test";
import type { Options } from "./support/test";

// Chromium's own sandbox refuses to run as root, which is what a container is.
const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
const taking = process.env.SIGNALBOX_PICTURES !== undefined;

export default defineConfig<Options, Options>({
  testDir: "walks",
  testMatch: taking ? "pictures.ts" : "*.spec.ts",
  globalSetup: "./support/template.ts",
  outputDir: "test-results",
  reporter: "list",
  workers: 2,
  // Two cores run two browsers, two servers and their fleets: in CI a walk that fails is walked once more, and named flaky.
  retries: process.env.CI === "true" ? 1 : 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    // Snapshots of the page say what happened; a film of it would cost more than the walk.
    trace: { mode: "retain-on-failure", screenshots: false },
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
      args: [
        ...asRoot,
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "hydrated", use: { javaScriptEnabled: true } },
    ...(taking ? [] : [{ name: "no-js", testIgnore: "*.hydrate.spec.ts", use: { javaScriptEnabled: false } }]),
  ],
});
