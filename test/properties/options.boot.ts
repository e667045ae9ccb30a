import { Test } from '@nestjs/testing';
import { OAuthClientModule, type OAuthClientModuleOptions } from 'nestjs-oauth-client';
import { RecordingLogger } from '../support/recording-logger.js';

/** What a boot with these options, right or wrong, fails with; `undefined` where it does not. */
export async function bootFailure(given: unknown): Promise<unknown> {
  try {
    const root = OAuthClientModule.forRoot(given as OAuthClientModuleOptions);
    const builder = Test.createTestingModule({ imports: [root] });
    const application = await builder.setLogger(new RecordingLogger()).compile();
    await application.init();
    await application.close();
  } catch (error) {
    return error;
  }
  return undefined;
}
