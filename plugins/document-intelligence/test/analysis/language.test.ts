import t from 'tap';
import { detectLanguage } from '../../services/language/detect-language.ts';

const sentences: Readonly<Record<string, readonly string[]>> = {
  en: ['The parcel was left with a neighbour because nobody opened the door.', 'Please send the signed copy back to our office before Friday.'],
  de: ['Der Zug kam zehn Minuten später an, weil die Strecke gesperrt war.', 'Bitte schicken Sie uns die unterschriebene Kopie bis Freitag zurück.'],
  fr: ['Le colis a été déposé chez le voisin parce que personne n’a ouvert.', 'Veuillez nous renvoyer la copie signée avant vendredi prochain.'],
  es: ['El paquete se dejó con un vecino porque nadie abrió la puerta.', 'Envíenos la copia firmada antes del viernes, por favor.'],
  it: ['Il pacco è stato lasciato dal vicino perché nessuno ha aperto.', 'Vi preghiamo di rispedire la copia firmata entro venerdì.'],
  pt: ['A encomenda ficou com o vizinho porque ninguém abriu a porta.', 'Por favor, envie a cópia assinada até sexta-feira.'],
  nl: ['Het pakket is bij de buren afgegeven omdat niemand de deur opendeed.', 'Stuur de ondertekende kopie vóór vrijdag naar ons kantoor terug.'],
  sv: ['Paketet lämnades hos grannen eftersom ingen öppnade dörren.', 'Skicka tillbaka den undertecknade kopian före fredag.'],
  pl: ['Paczkę zostawiono u sąsiada, ponieważ nikt nie otworzył drzwi.', 'Prosimy o odesłanie podpisanej kopii do piątku.'],
  cs: ['Balík byl ponechán u souseda, protože nikdo neotevřel dveře.'],
  tr: ['Kimse kapıyı açmadığı için paket komşuya bırakıldı.', 'İmzalı kopyayı lütfen cumaya kadar geri gönderin.'],
  ru: ['Посылку оставили у соседа, потому что никто не открыл дверь.'],
  ja: ['誰もドアを開けなかったので、荷物は隣の家に預けられました。'],
};

t.test('too little to tell', async (test) => {
  for (const text of ['', '12 345,00', 'Total', 'https://example.org/a/long/path/to/something', '!!!!']) test.same(detectLanguage(text), { language: null, confidence: 0 }, text);
});

t.test('sentences of each', async (test) => {
  for (const [language, list] of Object.entries(sentences)) for (const text of list) test.match(detectLanguage(text), { language }, text);
  const sure = detectLanguage(sentences['de']?.join(' ') ?? '');
  test.ok(sure.confidence > 0.7 && sure.confidence <= 1);
});

t.test('a long text takes no longer than a short one', async (test) => {
  const text = 'The parcel was left with a neighbour. '.repeat(100_000);
  detectLanguage(text);
  const before = performance.now();
  test.equal(detectLanguage(text).language, 'en');
  test.ok(performance.now() - before < 500);
});
