import { Injectable } from '@nestjs/common';
import { OAuthClient, type OAuthSession } from 'nestjs-oauth-client';
import { map, type Observable } from 'rxjs';

/** Orders at Acme for a person. Nothing in here knows that Acme is odd. */
@Injectable()
export class OrdersService {
  constructor(@OAuthClient('acme') private readonly acme: OAuthSession) {}

  place(person: string, article: string): Observable<string> {
    return this.acme
      .for(person)
      .post<{ order: number; article: string }>('/orders', { article })
      .pipe(map(({ data }) => `order ${data.order}: ${data.article}`));
  }
}
