import { AxiosHeaders, type AxiosInstance } from 'axios';
import type { OAuthClientOptions } from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { bootClient, machineClient, startServer } from '../support/application.js';

type Groups = Record<string, unknown>;

async function boot(http?: unknown) {
  const more = { http } as Partial<OAuthClientOptions>;
  const { axiosRef } = await bootClient(machineClient(await startServer(), more));
  return { axiosRef, groups: axiosRef.defaults.headers as unknown as Groups };
}

async function sentHeaders(axiosRef: AxiosInstance): Promise<Record<string, string>> {
  return (await axiosRef.get<{ headers: Record<string, string> }>('/me')).data.headers;
}

describe('header defaults', () => {
  it('may be objects that list nothing, such as a date or a URL', async () => {
    const headers = { 'x-since': new Date(0), 'x-site': new URL('https://site.test/') };
    const { axiosRef } = await boot({ headers });
    expect(await sentHeaders(axiosRef)).toMatchObject({
      'x-since': String(headers['x-since']),
      'x-site': 'https://site.test/',
    });
  });

  it('keep an empty group of the kind that the application made', async () => {
    const { axiosRef } = await boot({ headers: { get: new AxiosHeaders() } });
    (axiosRef.defaults.headers.get as AxiosHeaders).set('x-of-get', 'set');
    expect(await sentHeaders(axiosRef)).toMatchObject({ 'x-of-get': 'set' });
  });

  it('can be frozen, and read after that', async () => {
    const { axiosRef, groups } = await boot();
    Object.freeze(groups);
    expect(groups['post']).toEqual({});
    expect(groups['post']).toBe(groups['post']);
    expect(await sentHeaders(axiosRef)).toMatchObject({ accept: expect.any(String) as string });
  });

  it('stay as they are when an object that inherits from them changes', async () => {
    const { axiosRef, groups } = await boot();
    const own = Object.create(groups) as Groups;
    own['get'] = { 'x-own': 'yes' };
    expect(Object.hasOwn(own, 'get')).toBe(true);
    expect(groups['get']).toEqual({});
    expect((await sentHeaders(axiosRef))['x-own']).toBeUndefined();
  });

  it('can be set whole and all at once', async () => {
    const { axiosRef, groups } = await boot();
    groups['get'] = { 'x-whole': 'yes' };
    expect(await sentHeaders(axiosRef)).toMatchObject({ 'x-whole': 'yes' });
    Object.assign(groups, { get: { 'x-assigned': 'yes' }, 'x-any': 'yes' });
    const headers = await sentHeaders(axiosRef);
    expect(headers).toMatchObject({ 'x-assigned': 'yes', 'x-any': 'yes' });
    expect(headers['x-whole']).toBeUndefined();
  });
});
