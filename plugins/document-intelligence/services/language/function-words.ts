/*
 * Words that hold sentences together, and what documents call themselves, by ISO 639-1 code. They tell related
 * languages and short texts apart, where letter statistics alone do not. In lower case, by hand.
 */
const lists: Readonly<Record<string, string>> = {
  en: 'the of and to in is that it for was on are with as at be this have from or by not but they his her she which you we all were been their has would there what can will your more if about when who out into our than its over after please dear sincerely invoice total date due amount balance account agreement report page number name address between shall any such no',
  de: 'der die das und ist nicht ein eine einer eines dem den des zu mit auf für im von sich sie es auch als an nach wie bei oder aber aus wir ihr sind wird werden wurde haben hat ich über zum zur durch nur noch war kann mehr sehr geehrte geehrter damen herren freundlichen grüßen rechnung betrag datum nummer straße vertrag zwischen bitte ihre ihren unser kein summe hiermit',
  fr: 'le la les et des est une un du dans que pour qui sur pas plus par avec ce cette il elle sont au aux nous vous ne se son ses leur mais ou où été être fait comme tout facture montant date numéro monsieur madame cordialement entre contrat total prix veuillez votre vos notre nos rue je',
  es: 'el los las y de que en un una es por con para del se no su al lo como más pero sus le ya o este sí porque esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos durante todos factura importe fecha número señor señora atentamente contrato total precio calle estimado',
  it: 'il lo gli e di che è un una per non con del della dei delle nel nella si da come più ma anche sono al alla le questo questa ha o se dal dalla tra fra essere stato suo sua fattura importo data numero signor signora cordiali saluti contratto totale prezzo via gentile',
  pt: 'o os as e de que do da em um uma para com não por mais dos das como mas foi ao ele se na no seu sua ou ser quando muito há nos já está eu também só pelo pela até isso entre fatura valor data número senhor senhora atenciosamente contrato preço rua',
  nl: 'de het een en van is dat op te in voor met niet zijn aan er ook als om dan maar bij uit naar door over ze zich heeft worden deze werd nog wel geen hebben kan meer factuur bedrag datum nummer geachte heer mevrouw groet overeenkomst tussen straat uw wij onze totaal',
  sv: 'och att det som en på är av för med till den har inte om ett han men var jag sig från vi så kan när år eller de där hon vara ska skulle också efter mycket faktura belopp datum nummer bästa hälsningar avtal mellan gatan förfaller',
  da: 'og at det er en til af på den der ikke med de for et som jeg har han var hun men vi kan om så fra efter ved blev også være hvor eller når nu mere faktura beløb dato nummer venlig hilsen aftale mellem vej forfalder kære',
  no: 'og det er en til av på den ikke med som for et jeg har han var de at men vi kan om så fra etter ved ble også være hvor eller når nå mer seg sin faktura beløp dato nummer hilsen avtale mellom gate forfaller kjære',
  fi: 'ja on ei se että hän oli mutta ovat kun myös niin tai kuin jos sen ole mitä vain joka olen hänen sitten jo vielä lasku summa päivämäärä numero terveisin sopimus välillä katu eräpäivä hyvä',
  pl: 'i w nie na się z jest że do to o jak za od po co tak dla przez ale są tym jego być ich czy już lub oraz może faktura kwota data numer szanowny panie pani umowa między ulica najmu zawarta dnia kwoty razem',
  cs: 'a je se na že v to s z do si o jsem jak pro ale by za jsou tak jeho bylo jako po od byl již nebo také aby která který faktura částka datum číslo vážený pane paní smlouva mezi ulice splatnosti',
  hu: 'a az és hogy nem is egy van meg ez de ha csak már mint még volt vagy azt el lesz kell lehet után minden számla összeg dátum szám tisztelt uram asszonyom szerződés között utca fizetési határidő',
  ro: 'și de la în a nu cu pe că o un este din pentru mai care se ce sau au fost prin dar după acest factura suma data numărul stimate domnule doamnă contract între strada',
  tr: 've bir bu da de için ile çok ne ama gibi daha o ben sen var mı olarak kadar sonra olan değil fatura tutar tarih numara sayın saygılarımla sözleşme arasında sokak',
};

/** Language codes by word. */
export const functionWords: ReadonlyMap<string, readonly string[]> = (() => {
  const byWord = new Map<string, string[]>();
  for (const [language, list] of Object.entries(lists)) {
    for (const word of list.split(' ')) byWord.set(word, [...(byWord.get(word) ?? []), language]);
  }
  return byWord;
})();

/** Letters that few languages write, by those that do. */
export const tellingLetters: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ...[...'ěůř'].map((letter) => [letter, ['cs']] as const),
  ...[...'łąęśźż'].map((letter) => [letter, ['pl']] as const),
  ...[...'őű'].map((letter) => [letter, ['hu']] as const),
  ...[...'ğış'].map((letter) => [letter, ['tr']] as const),
  ...[...'șță'].map((letter) => [letter, ['ro']] as const),
  ...[...'ñ¿¡'].map((letter) => [letter, ['es']] as const),
  ...[...'ãõ'].map((letter) => [letter, ['pt']] as const),
  ...[...'øæ'].map((letter) => [letter, ['da', 'no']] as const),
  ['ß', ['de']],
  ['œ', ['fr']],
  ['å', ['sv', 'da', 'no']],
]);
