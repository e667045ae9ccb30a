import { describe, expect, it } from 'vitest';
import { RecordingLogger } from '../support/recording-logger.js';
import { platforms } from './application.js';
import { begin, JSON_PLEASE, scene } from './flow.js';

const SCRIPT = '<img src=x onerror=alert(1)>"\'><script>alert(1)</script>';
const FORGED = 'x\r\n[Nest] 1 - LOG all is well\u001b[2K\u202e\u2028';

// What the server, or who forges its answer, says in `error` and `error_description`.
describe.each(platforms)('text of an authorization response on $name', (platform) => {
  async function answered(error: string, description: string, asking = {}) {
    const logger = new RecordingLogger();
    const stage = await scene(platform, {
      change: (application) => application.useLogger(logger),
    });
    const state = new URL(await begin(stage.browser)).searchParams.get('state')!;
    const fields = { error, error_description: description, state, iss: stage.server.issuer };
    const query = new URLSearchParams(fields);
    const answer = await stage.browser.open(`/oauth/github/callback?${query}`, asking);
    const { warnings, errors } = logger;
    return { ...answer, warnings, errors, logged: [...warnings, ...errors].join('\n') };
  }

  it('runs nothing on the page', async () => {
    for (const [error, description] of [
      ['access_denied', SCRIPT],
      [SCRIPT, SCRIPT],
      ['server_error', SCRIPT],
    ] as const) {
      const { text, headers } = await answered(error, description);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(text).not.toMatch(/<img|<script/);
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'/);
    }
  });

  it('is no markup as JSON', async () => {
    const { headers } = await answered('access_denied', SCRIPT, JSON_PLEASE);
    expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it('forges no line of the log', async () => {
    for (const error of ['server_error', FORGED]) {
      const { logged } = await answered(error, FORGED);
      expect(logged).not.toMatch(/^\[Nest\]/m);
      // oxlint-disable-next-line no-control-regex
      expect(logged).not.toMatch(/[\r\u001b\u202e\u2028]/);
    }
  });

  it.each(['server_error', 'temporarily_unavailable'])(
    'is a warning in the log and no alarm, since anybody can send it: %s',
    async (error) => {
      const { status, errors, warnings } = await answered(error, 'x');
      expect([status >= 500, errors]).toEqual([true, []]);
      expect(warnings.join()).toContain(error);
    },
  );

  it('is of no length', async () => {
    const { text } = await answered('access_denied', 'y'.repeat(5000));
    expect(text).not.toContain('y'.repeat(201));
  });
});
