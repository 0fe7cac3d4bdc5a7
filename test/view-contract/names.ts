/** Names as people type them: what a search finds is the same on every engine, and on the page. */
import { describe, expect, it } from 'vitest';
import { text } from '../../resolvers/filters.ts';
import { wordsOf } from '../../views/words.ts';
import { matches } from '../../web/src/text/search-words.ts';
import type { Note, ViewsUnderTest } from './under-test.ts';

const NAMES = [
  ...['Łukasz Nowak', 'Bjørn Ångström', 'Anna Straßer', 'Işıl Yılmaz', 'Đorđe Ђорђевић', 'Þórdís Æsa', 'Zoë Cœur'],
  ...["Sinéad O'Connor", 'Rory OConnor', 'Jean-Luc Picard', 'Jean Luc Godard', 'Jeanluc Moreau', "Huile d'olive"],
  ...['Οδυσσεύς', 'Алёна Королёва', 'AT&T', 'Tea 50% off', 'paral·lel'],
  ...['北京烤鸭店', '東京タワー', 'がっこう', '김철수', 'กรุงเทพมหานคร', 'किताब', 'कताब', 'أحمد'],
] as const;

/** What is typed, and which of the names it finds. */
const SEARCHES: readonly (readonly [search: string, ...found: readonly (typeof NAMES)[number][]])[] = [
  ['lukasz', 'Łukasz Nowak'],
  ['ŁUKASZ', 'Łukasz Nowak'],
  ['bjorn angstrom', 'Bjørn Ångström'],
  ['strasser', 'Anna Straßer'],
  ['STRASSER', 'Anna Straßer'],
  ['STRAẞER', 'Anna Straßer'],
  ['straß', 'Anna Straßer'],
  ['isil yilmaz', 'Işıl Yılmaz'],
  ['IŞIL', 'Işıl Yılmaz'],
  ['İŞIL', 'Işıl Yılmaz'],
  ['dorde', 'Đorđe Ђорђевић'],
  ['thordis aesa', 'Þórdís Æsa'],
  ['coeur', 'Zoë Cœur'],
  ["o'connor", "Sinéad O'Connor", 'Rory OConnor'],
  ['o’connor', "Sinéad O'Connor", 'Rory OConnor'],
  ['O´Conn', "Sinéad O'Connor", 'Rory OConnor'],
  ['oconnor', "Sinéad O'Connor", 'Rory OConnor'],
  ['connor', "Sinéad O'Connor"],
  ['o connor', "Sinéad O'Connor"],
  ['jean-luc', 'Jean-Luc Picard', 'Jean Luc Godard', 'Jeanluc Moreau'],
  ['jean‐luc', 'Jean-Luc Picard', 'Jean Luc Godard', 'Jeanluc Moreau'],
  ['jeanluc', 'Jean-Luc Picard', 'Jeanluc Moreau'],
  ['jean luc', 'Jean-Luc Picard', 'Jean Luc Godard'],
  ['luc', 'Jean-Luc Picard', 'Jean Luc Godard'],
  ['jean-', 'Jean-Luc Picard', 'Jean Luc Godard', 'Jeanluc Moreau'],
  ['olive', "Huile d'olive"],
  ['dolive', "Huile d'olive"],
  ['parallel', 'paral·lel'],
  ['οδυσσευς', 'Οδυσσεύς'],
  ['ΟΔΥΣΣΕΥΣ', 'Οδυσσεύς'],
  ['алена королева', 'Алёна Королёва'],
  ['烤鸭', '北京烤鸭店'],
  ['北京烤鸭店', '北京烤鸭店'],
  ['鸭烤'],
  ['タワー', '東京タワー'],
  ['ﾀﾜｰ', '東京タワー'],
  ['東京', '東京タワー'],
  ['か'],
  ['が', 'がっこう'],
  ['철수', '김철수'],
  ['철ㅅ', '김철수'],
  ['มหานคร', 'กรุงเทพมหานคร'],
  ['กรุงเทพมหานคร', 'กรุงเทพมหานคร'],
  ['किता', 'किताब'],
  ['कता', 'कताब'],
  ['احمد', 'أحمد'],
  ['50%', 'Tea 50% off'],
  ['%'],
  ['*** '],
  ['\u0301'],
  ['🍵'],
  ['', ...NAMES],
  ['  ', ...NAMES],
];

export function namesContract(suite: ViewsUnderTest): void {
  describe('names as people type them', () => {
    it('are found by the same searches on every engine and on the page', async () => {
      await suite.putAll(
        'notes',
        NAMES.map((name, rank): Note => ({ _id: name, day: null, rank, words: wordsOf(name) })),
      );
      for (const [search, ...found] of SEARCHES) {
        const filter = text(search) ?? {};
        const docs = await suite.store.find('notes', { filter, sort: [['rank', 1]] });
        expect([search, ...suite.idsOf(docs)]).toEqual([search, ...found]);
        expect([search, await suite.store.count('notes', filter)]).toEqual([search, found.length]);
        expect([search, ...NAMES.filter((name) => matches(name, search))]).toEqual([search, ...found]);
      }
    });
  });
}
