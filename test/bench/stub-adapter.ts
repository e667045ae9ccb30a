import { AxiosError, type AxiosAdapter, type AxiosResponse } from 'axios';
import { AUTHORIZATION, BODY } from './resource.js';

/** An axios adapter that answers at once: what is left is axios' own work, and ours. */
export const stubAdapter: AxiosAdapter = async (config) => {
  const authorized = config.headers['Authorization'] === AUTHORIZATION;
  const response: AxiosResponse = {
    status: authorized ? 200 : 401,
    statusText: '',
    headers: { 'content-type': 'application/json' },
    data: BODY,
    config,
    request: {},
  };
  if (authorized) return response;
  throw new AxiosError('The stub was not shown the token.', undefined, config, {}, response);
};
