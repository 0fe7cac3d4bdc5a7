/** What the console shows, as it changes: the system is pushed every second, what is in trouble is asked for every few. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { type SystemFieldsFragment, SystemOnDocument, TroublesDocument, type TroublesQuery } from '../gql/graphql';
import { client } from '../graph/client';
import { keepSubscribed } from '../graph/keep-subscribed';
import { onGap } from '../graph/socket';

const ASK_EVERY_MS = 5_000;

export interface Followed<T> {
  readonly data: T | undefined;
  readonly error: Error | undefined;
}

/** The processes and the job, live. */
export function useSystem(): Followed<SystemFieldsFragment> & { show(system: SystemFieldsFragment): void } {
  const [system, setSystem] = useState<Followed<SystemFieldsFragment>>({ data: undefined, error: undefined });
  const show = useCallback((data: SystemFieldsFragment) => setSystem({ data, error: undefined }), []);
  useEffect(
    () =>
      keepSubscribed({
        query: SystemOnDocument,
        variables: {},
        next: ({ data, error }) => {
          if (data) show(data.system);
          else if (error) setSystem((before) => ({ ...before, error }));
        },
      }),
    [show],
  );
  return { ...system, show };
}

export type Troubles = Followed<TroublesQuery> & { refresh(): void };

/** Dead letters and stuck transactions. `news` asks at once when it changes. */
export function useTroubles(news: unknown): Troubles {
  const [troubles, setTroubles] = useState<Followed<TroublesQuery>>({ data: undefined, error: undefined });
  /** Grows with each question: a slow answer must not take the place of a later one. */
  const asked = useRef(0);
  const refresh = useCallback(() => {
    asked.current += 1;
    const mine = asked.current;
    client.query({ query: TroublesDocument, fetchPolicy: 'no-cache' }).then(
      ({ data, error }) => {
        if (mine === asked.current) setTroubles((before) => ({ data: data ?? before.data, error }));
      },
      (error: Error) => {
        if (mine === asked.current) setTroubles((before) => ({ ...before, error }));
      },
    );
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: news is a reason to ask, whatever it says
  useEffect(() => {
    refresh();
    const timer = setInterval(() => {
      if (!document.hidden) refresh();
    }, ASK_EVERY_MS);
    return () => {
      asked.current += 1;
      clearInterval(timer);
    };
  }, [refresh, news]);
  useEffect(() => onGap(refresh), [refresh]);
  return { ...troubles, refresh };
}
