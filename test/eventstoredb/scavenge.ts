/**
 * Has a real server scavenge, as its administration page does.
 *
 * @returns the id of the scavenge, which goes on
 * @throws when the server does not: `--disable-admin-ui` takes the address away
 */
export async function startScavenge(host: string): Promise<string> {
  const answer = await fetch(`http://${host}/admin/scavenge`, {
    method: 'POST',
    headers: { accept: 'application/json' },
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the server does not scavenge: ${answer.status} ${text}`);
  return (JSON.parse(text) as { scavengeId: string }).scavengeId;
}
