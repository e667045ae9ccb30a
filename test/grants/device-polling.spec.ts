import { AuthorizationResponseError } from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { failure } from '../support/failure.js';
import { DeviceBench } from '../support/device-bench.js';

describe('asking for the token of a device', () => {
  it('comes no sooner than the server wants, and later after slow_down, for good', async () => {
    const device = await DeviceBench.start();
    await device.begin();
    device.server.next('token').respondJson(400, { error: 'slow_down' });
    await device.expectQuestionAfter(5);
    await device.expectQuestionAfter(10);
    await device.expectQuestionAfter(10);
  });

  it.each([
    ['429', 429],
    ['503', 503],
    ['500', 500],
  ])('keeps to the interval after a %s', async (_name, status) => {
    const device = await DeviceBench.start();
    await device.begin();
    device.server.next('token').respond(status).times(2);
    await device.expectQuestionAfter(5);
    await device.expectQuestionAfter(5);
    await device.expectQuestionAfter(5);
  });

  it('keeps to the interval where Retry-After is shorter', async () => {
    const device = await DeviceBench.start();
    await device.begin();
    device.server.next('token').respond(429, { 'Retry-After': '1' });
    await device.expectQuestionAfter(5);
    await device.expectQuestionAfter(5);
  });

  it('waits for a longer Retry-After once', async () => {
    const device = await DeviceBench.start();
    await device.begin();
    device.server.next('token').respond(429, { 'Retry-After': '11' });
    await device.expectQuestionAfter(5);
    await device.expectQuestionAfter(11);
    await device.expectQuestionAfter(5);
  });

  it('backs off while no answer comes, and comes back to the interval', async () => {
    const device = await DeviceBench.start();
    await device.begin();
    device.server.next('token').dropBefore().times(2);
    await device.expectQuestionAfter(5);
    await device.expectQuestionAfter(10);
    await device.expectQuestionAfter(20);
    await device.expectQuestionAfter(5);
  });

  it('waits out an interval that no timer holds', async () => {
    const policy = { deviceIntervalSeconds: 3_000_000, deviceCodeSeconds: 6_000_000 };
    const device = await DeviceBench.start(policy);
    await device.begin();
    await device.expectQuestionAfter(3_000_000);
  });

  it('ends with the code, without a question in vain', async () => {
    const device = await DeviceBench.start({ deviceCodeSeconds: 7 });
    const { end } = await device.begin();
    await device.passAndAsk(5);
    await device.pass(2);
    expect((await failure(end, AuthorizationResponseError)).error).toBe('expired_token');
    expect(device.questions).toBe(1);
  });

  it('ends with the code, however long the server wants to be left alone', async () => {
    const device = await DeviceBench.start({ deviceCodeSeconds: 60 });
    const { end } = await device.begin();
    device.server.next('token').respond(429, { 'Retry-After': '3000000' });
    await device.passAndAsk(5);
    await device.pass(55);
    expect((await failure(end, AuthorizationResponseError)).error).toBe('expired_token');
    expect(device.questions).toBe(1);
  });
});
