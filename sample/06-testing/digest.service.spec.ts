import { Test, type TestingModule } from '@nestjs/testing';
import { inTurn, OAuthClientTestingModule, OAuthTestKit } from 'nestjs-oauth-client/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DigestService } from './digest.service.js';

// The service alone: its clients are the kit's, and there is no application around it.
describe('DigestService', () => {
  let module: TestingModule;
  let kit: OAuthTestKit;
  let digest: DigestService;

  beforeEach(async () => {
    module = await Test.createTestingModule({
      imports: [
        OAuthClientTestingModule.forRoot({
          clients: {
            tracker: {
              grant: 'authorization_code',
              token: (subject) => (subject === 'eve' ? null : undefined),
              reply: { 'GET /issues': [{ title: 'Login fails' }, { title: 'Typo' }] },
            },
            chat: {
              grant: 'client_credentials',
              reply: { 'POST /messages': { status: 201, data: { id: 1 } } },
            },
          },
        }),
      ],
      providers: [DigestService],
    }).compile();
    kit = OAuthTestKit.of(module);
    digest = module.get(DigestService);
  });
  afterEach(() => module.close());

  it('sends the open issues of a user', async () => {
    await digest.send('alice');

    expect(kit.client('tracker').calls).toMatchObject([
      { method: 'GET', path: '/issues', query: { open: 'true' }, subject: 'alice' },
    ]);
    expect(kit.client('chat').calls).toMatchObject([
      { method: 'POST', body: { to: 'alice', text: '- Login fails\n- Typo' } },
    ]);
  });

  it('asks who is not connected to connect', async () => {
    await digest.send('eve');

    expect(kit.client('tracker').calls).toEqual([]);
    expect(kit.client('chat').calls).toMatchObject([
      { body: { to: 'eve', text: 'Please connect your tracker account.' } },
    ]);
  });

  it('goes on after a month, with tokens that were renewed', async () => {
    await digest.send('alice');
    kit.clock.advance(30 * 24 * 3600);
    await digest.send('alice');

    expect(kit.client('tracker').tokenRequests).toMatchObject([
      { grantType: 'refresh_token', subject: 'alice' },
    ]);
    expect(kit.client('chat').tokenRequests).toMatchObject([
      { grantType: 'client_credentials' },
      { grantType: 'client_credentials' },
    ]);
  });

  it('sends nothing where the tracker fails', async () => {
    kit.client('tracker').reply(inTurn({ status: 500 }, []));

    await expect(digest.send('alice')).rejects.toThrow('500');
    expect(kit.client('chat').calls).toEqual([]);
    await digest.send('alice');
    expect(kit.client('chat').calls).toMatchObject([{ body: { text: 'All done.' } }]);
  });
});
