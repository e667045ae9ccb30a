import { Injectable } from '@nestjs/common';
import { OAuthClient, type OAuthSession } from 'nestjs-oauth-client';
import { map, type Observable } from 'rxjs';

interface Invoices {
  invoices: string[];
}

@Injectable()
export class InvoicesService {
  constructor(@OAuthClient('billing') private readonly billing: OAuthSession) {}

  /** The token is fetched with the first call, and renewed when a later one needs it. */
  list(): Observable<string[]> {
    return this.billing.get<Invoices>('/invoices').pipe(map(({ data }) => data.invoices));
  }
}
