/**
 * Opens the views of a single process: documents in a file of SQLite's, kept from one start to the next together with the
 * positions of the log that they show. `sqlite-view-store.ts` is the store.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ViewSpec, ViewStore } from '../view-store.ts';
import { REBUILD_FILE } from './folder.ts';
import { type EmbeddedViewStore, SqliteViewStore } from './sqlite-view-store.ts';

export interface EmbeddedViewsOptions {
  /** Folder of the views' files; created when missing. One process has it at a time. */
  readonly dir: string;
  readonly views: readonly ViewSpec[];
  /** Names the documents' shape: what stands there in another is wiped. */
  readonly shape: string;
  /** How long to wait for an owner of the folder that is about to end, in ms. Default 5,000. */
  readonly patienceMs?: number;
  /** What stood there did not fit, and has been wiped: the log gives it again. */
  onWiped?(reason: string): void;
}

/** @throws {ViewsMisconfigured} when another process has the folder, or it cannot be written to */
export async function openEmbeddedViews(options: EmbeddedViewsOptions): Promise<EmbeddedViewStore> {
  const store = new SqliteViewStore({ ...options, temporary: false }, options.onWiped);
  try {
    await store.opened();
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/**
 * Views that begin empty and are gone when they are closed, for tools and tests: the work is done in this thread. Their folder
 * is removed as soon as its files are open, so that nothing is left however the process ends; on Windows when they are closed.
 */
export function openTemporaryViews({ views }: Pick<EmbeddedViewsOptions, 'views'>): ViewStore {
  const dir = mkdtempSync(join(tmpdir(), 'counterfoil-views-'));
  const remove = () => rmSync(dir, { recursive: true, force: true });
  const store = new SqliteViewStore({ dir, views, shape: '', temporary: true }, undefined, remove);
  if (process.platform !== 'win32') remove();
  return store;
}

/** Has the views in this folder built anew when they are next opened. A process that has them open is not disturbed. */
export function askForRebuild(dir: string): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, REBUILD_FILE), '');
}
