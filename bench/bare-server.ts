import { readFileSync } from 'node:fs';
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { type CannedAnswer, type CannedAnswers } from './canned-answers.js';

/**
 * Fastify and nothing else, answering the bytes the authority answered: what its rates are compared with. It has one parametric
 * route for each endpoint and reads request bodies as text.
 *
 * Started as `bare-server.js <file of CannedAnswers>`; prints its URL once it serves.
 */
const [file = ''] = process.argv.slice(2);
const answers = JSON.parse(readFileSync(file, 'utf8')) as CannedAnswers;
const server = fastify();
server.removeAllContentTypeParsers();
server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));

const requests = '/oauth2/auth/requests';
server.get('/clients/:id', (_request, reply) => give(reply, answers.client));
server.post('/clients', (_request, reply) => give(reply, answers.clientCreated));
server.post('/oauth2/introspect', (_request, reply) => give(reply, answers.introspection));
server.post('/oauth2/token', (request, reply) => give(reply, tokenAnswer(request)));
server.get('/oauth2/auth', (request, reply) => give(reply, authorizationAnswer(request)));
server.put(`${requests}/login/:challenge/accept`, (_request, reply) => give(reply, answers.loginAccepted));
server.get(`${requests}/consent/:challenge`, (_request, reply) => give(reply, answers.consentRequest));
server.put(`${requests}/consent/:challenge/accept`, (_request, reply) => give(reply, answers.consentAccepted));

process.on('SIGTERM', () => void server.close());
console.log(await server.listen({ host: '127.0.0.1', port: 0 }));

function tokenAnswer({ body }: FastifyRequest): CannedAnswer {
  return String(body).includes('client_credentials') ? answers.machineToken : answers.codeRedeemed;
}

function authorizationAnswer({ url }: FastifyRequest): CannedAnswer {
  if (url.includes('consent_verifier=')) return answers.afterConsent;
  return url.includes('login_verifier=') ? answers.afterLogin : answers.loginRequest;
}

function give(reply: FastifyReply, { status, headers, body }: CannedAnswer): FastifyReply {
  return reply.status(status).headers(headers).send(body);
}
