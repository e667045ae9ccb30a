import { Test } from '@nestjs/testing';
import { OAuthClientRegistry } from 'nestjs-oauth-client';
import {
  FakeAuthorizationServer,
  OAuthTestKit,
  overrideOAuthClient,
} from 'nestjs-oauth-client/testing';
import { describe, expect, it } from 'vitest';
import { AppModule } from './app.module.js';
import { DigestService } from './digest.service.js';

describe('the application', () => {
  it('asks the tracker in the words of its fix', async () => {
    const builder = Test.createTestingModule({ imports: [AppModule] });
    overrideOAuthClient(builder, 'tracker', { reply: { 'GET /issues': [] } });
    overrideOAuthClient(builder, 'chat', { reply: { 'POST /messages': { id: 1 } } });
    const module = await builder.compile();
    await module.init();

    await module.get(DigestService).send('alice');

    const kit = OAuthTestKit.of(module);
    expect(kit.client('tracker').calls).toMatchObject([{ headers: { 'x-tracker-version': '2' } }]);
    expect(kit.client('chat').tokenRequests).toMatchObject([
      { url: 'https://chat.acme.example/token', scope: ['messages:write'] },
    ]);
    await module.close();
  });

  it('renews at a real server, although that fails at first', async () => {
    const server = await FakeAuthorizationServer.start({ accessTokenSeconds: 60 });
    process.env['TRACKER_ISSUER'] = server.issuer;
    process.env['TRACKER_API'] = server.apiUrl;
    process.env['TRACKER_ID'] = 'client';
    process.env['TRACKER_SECRET'] = 'secret';
    server.always('api').respond(200, { 'Content-Type': 'application/json' }, '[]');
    const builder = Test.createTestingModule({ imports: [AppModule] });
    // The tracker is real, and its clock the kit's: only the chat is replaced.
    overrideOAuthClient(builder, 'chat', { reply: { 'POST /messages': { id: 1 } } });
    const module = await builder.compile();
    await module.init();
    const kit = OAuthTestKit.of(module);
    const alice = module.get(OAuthClientRegistry).get('tracker').for('alice');
    await alice.setToken({ ...server.issueTokens({ subject: 'alice' }) });

    kit.clock.advance(61);
    server.next('token').respond(503);
    await module.get(DigestService).send('alice');

    expect(server.journal.tokenRequests('refresh_token')).toMatchObject([
      { status: 503 },
      { status: 200, subject: 'alice' },
    ]);
    expect(kit.client('chat').calls).toMatchObject([{ body: { text: 'All done.' } }]);
    await module.close();
    await server.stop();
  });
});
