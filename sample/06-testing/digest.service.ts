import { Injectable } from '@nestjs/common';
import { AuthorizationRequiredError, OAuthClient, type OAuthSession } from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';

interface Issue {
  title: string;
}

/** Tells people in the company's chat what is open for them at the tracker. */
@Injectable()
export class DigestService {
  constructor(
    @OAuthClient('tracker') private readonly tracker: OAuthSession,
    @OAuthClient('chat') private readonly chat: OAuthSession,
  ) {}

  async send(userId: string): Promise<void> {
    const text = await this.text(userId);
    await firstValueFrom(this.chat.post('/messages', { to: userId, text }));
  }

  private async text(userId: string): Promise<string> {
    try {
      const assigned = this.tracker.for(userId).get<Issue[]>('/issues', { params: { open: true } });
      const { data: issues } = await firstValueFrom(assigned);
      return issues.length === 0 ? 'All done.' : issues.map(({ title }) => `- ${title}`).join('\n');
    } catch (error) {
      if (error instanceof AuthorizationRequiredError)
        return 'Please connect your tracker account.';
      throw error;
    }
  }
}
