/** Two aggregates that only a test knows: parcels, which a courier has to agree to carry. */
import { z } from 'zod';
import { type Aggregate, type AggregateName, type FollowUp, STAFF, SYSTEM, type Versioned } from '../domain/index.ts';

/** The compiler knows the names of the real ones only; the toys are added behind its back. */
function ask(aggregate: 'couriers' | 'parcels', id: string, type: string, data: object): readonly FollowUp[] {
  return [{ aggregate: aggregate as unknown as AggregateName, id, type, data }];
}

type CourierCommands = {
  readonly hireCourier: { courierId: string; room: number };
  readonly carryParcel: { courierId: string; parcelId: string };
};
type CourierEvents = {
  readonly CourierHired: { room: number };
  readonly ParcelTaken: { parcelId: string };
};
interface CourierState extends Versioned {
  readonly room: number;
  readonly carries: number;
}

const room = z.int();
const courierId = z.string();
const parcelId = z.string();

/** @public loaded by vi.importActual */
export const couriers: Aggregate<'couriers', CourierCommands, CourierEvents, CourierState> = {
  name: 'couriers',
  idField: 'courierId',
  commands: { hireCourier: z.object({ courierId, room }), carryParcel: z.object({ courierId, parcelId }) },
  events: { CourierHired: z.object({ room }), ParcelTaken: z.object({ parcelId }) },
  state: z.object({ version: z.int(), room, carries: z.int() }),
  initialState: { version: 0, room: 0, carries: 0 },
  *invariants({ room, carries }) {
    if (carries > room) yield { what: 'no more parcels than there is room for', expected: room, found: carries };
  },
  notPersonal: ['courierId', 'parcelId'],
  notices: [],
  rights: { hireCourier: STAFF, carryParcel: SYSTEM },
  check: {
    hireCourier: (c) =>
      c.room > 0 ? undefined : { code: 'INVALID_INPUT', message: 'room must be above 0', field: 'room' },
    carryParcel: () => undefined,
  },
  decide: {
    hireCourier: ({ room }, was) => (was.version > 0 ? [] : [{ type: 'CourierHired', data: { room } }]),
    carryParcel: ({ parcelId }, { room, carries }) =>
      carries < room
        ? [{ type: 'ParcelTaken', data: { parcelId } }]
        : { code: 'NOT_FOUND', message: 'there is no room for it', field: 'courierId' },
  },
  evolve: {
    CourierHired: (was, { room }) => ({ ...was, room }),
    ParcelTaken: (was) => ({ ...was, carries: was.carries + 1 }),
  },
  routes: {
    events: { ParcelTaken: ({ parcelId }) => ask('parcels', parcelId, 'recordTaken', { parcelId }) },
    rejections: { carryParcel: ({ parcelId }) => ask('parcels', parcelId, 'recordLeft', { parcelId }) },
  },
};

type ParcelCommands = {
  readonly sendParcel: { parcelId: string; courierId: string };
  readonly recordTaken: { parcelId: string };
  readonly recordLeft: { parcelId: string };
  readonly giveParcelUp: { parcelId: string };
};
type ParcelEvents = {
  readonly ParcelSent: { courierId: string; transactionId: string; issuedBy: string };
  readonly ParcelGone: object;
  readonly ParcelLeft: { why: string };
};
export interface ParcelState extends Versioned {
  readonly status: 'WAITING' | 'GONE' | 'LEFT';
  readonly transactionId: string;
  readonly issuedBy: string;
  readonly sentAt: string;
}

export const parcels: Aggregate<'parcels', ParcelCommands, ParcelEvents, ParcelState> = {
  name: 'parcels',
  idField: 'parcelId',
  commands: {
    sendParcel: z.object({ parcelId, courierId }),
    recordTaken: z.object({ parcelId }),
    recordLeft: z.object({ parcelId }),
    giveParcelUp: z.object({ parcelId }),
  },
  events: {
    ParcelSent: z.object({ courierId, transactionId: z.string(), issuedBy: z.string() }),
    ParcelGone: z.object({}),
    ParcelLeft: z.object({ why: z.string() }),
  },
  state: z.object({
    version: z.int(),
    status: z.enum(['WAITING', 'GONE', 'LEFT']),
    transactionId: z.string(),
    issuedBy: z.string(),
    sentAt: z.string(),
  }),
  initialState: { version: 0, status: 'WAITING', transactionId: '', issuedBy: '', sentAt: '' },
  notPersonal: ['courierId', 'parcelId', 'transactionId', 'issuedBy', 'acceptedAt', 'code', 'message', 'field'],
  notices: [],
  rights: { sendParcel: STAFF, recordTaken: SYSTEM, recordLeft: SYSTEM, giveParcelUp: SYSTEM },
  check: {
    sendParcel: () => undefined,
    recordTaken: () => undefined,
    recordLeft: () => undefined,
    giveParcelUp: () => undefined,
  },
  decide: {
    sendParcel: ({ courierId }, _, { transactionId, issuedBy }) => [
      { type: 'ParcelSent', data: { courierId, transactionId, issuedBy } },
    ],
    recordTaken: (_, { status }) => (status === 'WAITING' ? [{ type: 'ParcelGone', data: {} }] : []),
    recordLeft: (_, { status }) =>
      status === 'WAITING' ? [{ type: 'ParcelLeft', data: { why: 'no courier has room' } }] : [],
    giveParcelUp: (_, { status }) =>
      status === 'WAITING' ? [{ type: 'ParcelLeft', data: { why: 'it took too long' } }] : [],
  },
  evolve: {
    ParcelSent: (was, { transactionId, issuedBy }, sentAt) => ({ ...was, transactionId, issuedBy, sentAt }),
    ParcelGone: (was) => ({ ...was, status: 'GONE' }),
    ParcelLeft: (was) => ({ ...was, status: 'LEFT' }),
  },
  routes: {
    events: {
      // A parcel for nobody is left to its deadline.
      ParcelSent: ({ courierId }, parcelId) =>
        courierId === 'nobody' ? [] : ask('couriers', courierId, 'carryParcel', { courierId, parcelId }),
    },
    rejections: {},
  },
  progress: {
    begins: { ParcelSent: 'sent' },
    transaction: ({ transactionId: id, issuedBy, sentAt: acceptedAt }) =>
      id === '' ? undefined : { id, command: 'sendParcel', issuedBy, acceptedAt },
    pending: ({ version, status }) => version > 0 && status === 'WAITING',
    steps: {
      ParcelGone: () => ({ name: 'gone', status: 'COMPLETED' }),
      ParcelLeft: ({ why }) => ({
        ...{ name: 'left', status: 'REJECTED' },
        rejection: { code: 'TIMED_OUT', message: why },
      }),
    },
    soFar: () => [{ name: 'sent', status: 'PENDING' }],
    deadline: { afterMs: 100, command: (parcelId) => ({ type: 'giveParcelUp', data: { parcelId } }) },
  },
};
