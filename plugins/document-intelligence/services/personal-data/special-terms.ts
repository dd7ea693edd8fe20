/*
 * Words by which a text gives away what article 9 of the GDPR protects most. One alone says little, so a category
 * counts from two different ones on. English, German, French, Spanish, Italian. In lower case; words of their own.
 */
const list = (text: string): string[] => text.split('|');

export const specialTerms: Readonly<Record<string, readonly string[]>> = {
  health: list('diagnosis|diagnosed|patient|disease|illness|medication|prescription|therapy|disability|pregnant|pregnancy|hiv|cancer|diabetes|depression|surgery|blood pressure|allergy|allergies|sick leave|psychiatric|diagnose|erkrankung|krankheit|medikation|medikament|therapie|behinderung|schwanger|schwangerschaft|krebs|krankschreibung|blutdruck|allergie|maladie|traitement|ordonnance|enceinte|grossesse|handicap|diagnostic|arrêt maladie|enfermedad|tratamiento|embarazo|embarazada|discapacidad|diagnóstico|alergia|receta médica|malattia|terapia|gravidanza|disabilità|diagnosi|farmaco|ricetta medica'),
  religion: list('religion|religious|catholic|protestant|muslim|jewish|hindu|buddhist|baptised|church tax|parish|religionszugehörigkeit|katholisch|evangelisch|muslimisch|jüdisch|kirchensteuer|konfession|catholique|protestante|musulman|juif|confession|católico|católica|musulmán|judío|cattolico|musulmano|ebreo'),
  ethnicity: list('ethnicity|ethnic origin|race|racial|indigenous|caucasian|hispanic|african american|ethnische herkunft|ethnie|hautfarbe|origine ethnique|origen étnico|raza|origine etnica|roma and sinti'),
  politics: list('political opinion|party member|party membership|political affiliation|trade union|union member|union membership|works council|parteimitglied|parteimitgliedschaft|gewerkschaft|gewerkschaftsmitglied|betriebsrat|opinion politique|syndicat|adhérent du parti|afiliación política|sindicato|afiliado|opinione politica|iscritto al partito'),
  'sexual-life': list('sexual orientation|homosexual|bisexual|lesbian|gay|transgender|sex life|sexuelle orientierung|homosexuell|bisexuell|lesbisch|schwul|orientation sexuelle|homosexuel|orientación sexual|homosexual|orientamento sessuale|omosessuale'),
  biometrics: list('fingerprint|fingerprints|iris scan|facial recognition|biometric|dna|genetic test|genome|fingerabdruck|fingerabdrücke|biometrisch|gentest|empreintes digitales|biométrique|test génétique|huellas dactilares|biométrico|impronte digitali|biometrico|test genetico'),
  'criminal-record': list('criminal record|convicted|conviction|sentenced|offence|felony|probation|vorstrafe|vorstrafen|verurteilt|führungszeugnis|straftat|bewährung|casier judiciaire|condamné|infraction|antecedentes penales|condenado|delito|casellario giudiziale|condannato|reato'),
};
