/** Where login or consent requests are: the challenge is in the path (rc.8), in later generations in the query. */
export function requestPaths(kind: 'login' | 'consent', step: '' | '/accept' | '/reject') {
  const requests = `/oauth2/auth/requests/${kind}`;
  const inQuery = { path: `${requests}${step}`, query: [`${kind}_challenge`, 'challenge'] };
  return { inPath: { path: `${requests}/:challenge${step}` }, inQuery };
}
