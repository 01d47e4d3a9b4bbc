import { expect, it } from '@jest/globals';
import { runningAuthority } from '#libs/testing';

const running = runningAuthority();
const connections = 300;
const others = 5;

it('whoever sends wrong secrets of one client keeps no other client out', async () => {
  const { authority } = running;
  const newClient = () => authority.createClient({ client_secret: 'chosen by a person' });
  const attacked = await newClient();
  const clients = await Promise.all(Array.from({ length: others }, () => newClient()));
  const statusOf = async ({ id, secret }: { id: string; secret: string }): Promise<number> =>
    (await authority.form('/oauth2/token', { grant_type: 'client_credentials' }, { id, secret })).status;

  let going = true;
  const wrong = new Set<number>();
  const attacks = Array.from({ length: connections }, async (_, index) => {
    for (let round = 0; going; round += 1)
      wrong.add(await statusOf({ id: attacked.id, secret: `guess ${index} ${round}` }));
  });
  const statuses: number[] = [];
  for (const client of clients) statuses.push(await statusOf(client));
  going = false;
  await Promise.all(attacks);

  expect(statuses).toEqual(statuses.map(() => 200));
  expect([...wrong].toSorted()).toEqual([401, 503]);
}, 180_000); // each wrong secret costs a hash, and they are waited for
