import assert from "node:assert/strict";
import { test } from "node:test";
import { Campaign } from "../soak/campaign.ts";
import { inScratch } from "./binary.ts";

/** Happenings of the miniature; `npm run soak` has as many as there is time for. */
const turns = 90;

test("a campaign of kills, halts, faults and deletions loses and doubles nothing", () =>
  inScratch(async (directory) => {
    const campaign = new Campaign({ directory, seed: 20, turns, runs: 2 });
    const { counts, problems } = await campaign.play();
    assert.deepEqual(problems, []);
    assert.ok((counts["requests"] ?? 0) > 0, JSON.stringify(counts));
  }));
