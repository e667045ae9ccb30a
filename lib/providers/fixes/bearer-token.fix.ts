import {
  OnAccessTokenResponse,
  OnRefreshTokenResponse,
  type TokenEndpointResponse,
} from '../../index.js';
import { withFields } from './json-answer.js';

/** For providers whose tokens are Bearer tokens, and which call them by a name of their own. */
export class BearerTokenFix {
  @OnAccessTokenResponse()
  @OnRefreshTokenResponse()
  rename(response: TokenEndpointResponse): TokenEndpointResponse {
    return withFields(response, (fields) =>
      'access_token' in fields ? { ...fields, token_type: 'Bearer' } : fields,
    );
  }
}
