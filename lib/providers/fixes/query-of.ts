import axios from 'axios';
import type { ProtectedRequest } from '../../index.js';

/** The query of an API call, from its address and its params. */
export function queryOf(request: ProtectedRequest): URLSearchParams {
  return new URLSearchParams(/\?([^#]*)/.exec(axios.getUri(request))?.[1]);
}
