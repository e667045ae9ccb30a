import { OnAccessTokenResponse, type TokenEndpointResponse } from '../../index.js';
import { withFields } from './json-answer.js';

/** For Meta's services, which put an error into an object, or call it by names of their own. */
export class MetaErrorFix {
  @OnAccessTokenResponse()
  standard(response: TokenEndpointResponse): TokenEndpointResponse {
    return withFields(response, (fields) => {
      const { error, error_type, error_message } = fields;
      if (error_type !== undefined) {
        return { ...fields, error: error_type, error_description: error_message };
      }
      if (typeof error !== 'object' || error === null) return fields;
      const { type, message } = error as { type?: unknown; message?: unknown };
      return { ...fields, error: type, error_description: message };
    });
  }
}
