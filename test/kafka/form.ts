/** How much is done in how long: `npm run test:kafka` takes the short form, with `--full` the long one. */
const full = process.env.KAFKA_TESTS_FORM === 'full';

export const form = {
  ...(full
    ? { events: 50_000, kills: 20, freezes: 3, brokerRestarts: 5, testTimeoutMs: 1_800_000 }
    : { events: 10_000, kills: 5, freezes: 1, brokerRestarts: 2, testTimeoutMs: 300_000 }),
  ...{ atOnce: 50, pauseMs: 200 }, // 250 events a second: the load lasts as long as the trouble
};
