import { Injectable } from '@nestjs/common';
import { OAuthClient, type OAuthSession } from 'nestjs-oauth-client';
import { map, type Observable } from 'rxjs';

interface Calendar {
  subject: string;
  scope: string[];
}

@Injectable()
export class AppointmentsService {
  constructor(@OAuthClient('calendar') private readonly calendar: OAuthSession) {}

  /** The service account acts for this person, who need not be there: no consent, no browser. */
  of(person: string): Observable<string> {
    return this.calendar
      .for(person)
      .get<Calendar>('/appointments')
      .pipe(map(({ data }) => `appointments of ${data.subject}, scope ${data.scope.join(' ')}`));
  }
}
