/** A thread of the views. Its role is the data it is started with. */
import { parentPort, workerData } from 'node:worker_threads';
import { type AnyRequest, answering, failureOf } from './answering.ts';
import type { Answered, Role } from './requests.ts';

const role: Role = workerData.role;
const answer = answering(role);
parentPort?.on('message', (request: AnyRequest) => {
  const { number } = request;
  let answered: Answered;
  try {
    answered = { number: number ?? 0, answer: answer(request) };
  } catch (error) {
    if (number === undefined) throw error;
    answered = { number, failure: failureOf(error) };
  }
  if (number !== undefined) parentPort?.postMessage(answered);
});
