### Що кажуть листи.

mail-hello = Вітаємо, { $name }!
mail-hello-nobody = Вітаємо!
mail-footer-secrets = Ми ніколи не питаємо ваш пароль поштою чи телефоном.
mail-footer-site = { $site }, { $host }
mail-when = Коли
mail-since = Відколи
mail-not-you = Це були не ви? Негайно повідомте адміністраторів { $site }.

mail-password-set-subject = Адміністратор установив вам пароль
mail-password-set-lead = Адміністратор { $site } установив новий пароль для вашого облікового запису { $account }.
mail-password-set-first-lead = Адміністратор { $site } установив пароль для вашого облікового запису { $account }, який досі його не мав.
mail-password-set-first-next = Якщо ви цього не чекали, спершу запитайте адміністраторів, а тоді користуйтеся ним.
mail-password-set-next = Старий пароль більше не діє. Якщо ви цього не чекали, спершу запитайте адміністраторів, а тоді користуйтеся новим.

mail-password-changed-subject = Ваш пароль змінено
mail-password-changed-lead = Пароль вашого облікового запису { $account } змінено.

mail-password-first-subject = Ваш пароль установлено
mail-password-first-lead = Для вашого облікового запису { $account } установлено пароль; досі його не було.

mail-email-changed-old-subject = Вашу адресу електронної пошти змінено
mail-email-changed-old-lead = Ваш обліковий запис у { $site } відтепер має іншу адресу електронної пошти. Надалі листи надходитимуть туди.
mail-email-changed-new-subject = Відтепер це адреса вашого облікового запису
mail-email-changed-new-lead = Ваш обліковий запис у { $site } відтепер має цю адресу електронної пошти. З нею й входьте.
mail-email-old = Стара адреса
mail-email-new = Нова адреса

mail-staff-given-subject = Вас додано до персоналу
mail-staff-given-lead = Ваш обліковий запис { $account } додано до персоналу { $site }. Відтепер йому можуть дозволити адмініструвати.
mail-superuser-given-subject = Відтепер ви суперкористувач
mail-superuser-given-lead = Ваш обліковий запис { $account } став суперкористувачем { $site }. Відтепер йому дозволено все.
mail-given-next = Якщо ви цього не чекали, повідомте адміністраторів: можливо, це помилка.

mail-account-ending-subject = Ваш обліковий запис діє до { $day } включно
mail-account-ending-lead = Строк дії вашого облікового запису { $account } у { $site } добігає кінця.
mail-account-ending-day = Останній день
mail-account-ending-next = До того нічого не зміниться, а потім увійти вже не вдасться. Якщо обліковий запис вам іще потрібен, попросіть адміністратора продовжити його.

mail-run-held-subject = Зміни зупинено, доки ви не вирішите
mail-run-held-lead = Зміни відібрали б у людей більше, ніж пропускає гальмо, тож нічого не застосовано.
mail-run-held-run = Запуск
mail-run-held-source = Джерело
mail-run-held-people = Утратили б доступ
mail-run-held-look = Спершу подивіться:
mail-run-held-decide = Тоді застосуйте або відкиньте назавжди:

mail-account-rests-subject = Поштовий запис { $sender } нічого не надсилає
mail-account-rests-lead = Поштовий запис не може надсилати вже понад 15 хвилин. Він перепочиває, а потім пробує знову сам; листи тим часом чекають.
mail-account-rests-next = Подивіться, на якому кроці збій і що робити:

mail-mails-wait-subject = Листи чекають понад годину
mail-mails-wait-lead = Листи мають відходити за лічені хвилини, а деякі чекають уже понад годину.
mail-mails-wait-mails = Листів
mail-mails-wait-next = Подивіться, що їх затримує:

mail-mails-unmade-subject = Листи не вдалося скласти
mail-mails-unmade-lead = Деякі листи не вдалося скласти, коли їм час було відходити, тож їх не надіслано, і ніхто їх не отримав.
mail-mails-unmade-last = Останній
mail-mails-unmade-next = Подивіться чому; коли причину усунуто, надішліть їх командою secboard mail outbox retry, а mail send та експорт виконайте ще раз: їхнього вмісту вже немає.

mail-directory-fails-subject = Каталог не вдається прочитати вже добу
mail-directory-fails-lead = Кожна синхронізація з каталогом понад добу закінчується збоєм. Ті, хто там з’явився, ще не можуть увійти, а звільнені там досі можуть за тим, що було відомо.
mail-directory-fails-connection = З’єднання
mail-directory-fails-next = Подивіться, на якому кроці збій і що робити:

mail-certificate-ends-subject = Сертифікат каталогу скоро стане недійсним
mail-certificate-ends-lead = Строк дії сертифіката сервера каталогу добігає кінця. Після цього ніхто з каталогу не ввійде через нього.
mail-certificate-ends-server = Сервер
mail-certificate-ends-until = Дійсний до
mail-certificate-ends-next = Випустіть його заново до цього часу, а тоді перевірте, чи все гаразд:

mail-site-certificate-ends-subject = Сертифікат сайту скоро стане недійсним
mail-site-certificate-ends-lead = Строк дії сертифіката, за яким браузери впізнають сайт, добігає кінця. Після цього вони всіх застерігатимуть.
mail-site-certificate-ends-file = Файл
mail-site-certificate-ends-next = Покладіть новий на його місце до цього часу: він почне діяти за секунду. Що є зараз, каже команда:

mail-test-subject = Пробний лист від { $site }
mail-test-lead = Цей лист надіслано, щоб перевірити, як { $site } надсилає пошту. Він прийшов, отже, все працює.
mail-test-sender = Поштовий запис
mail-test-server = Сервер

mail-export-subject = Експорт { $file }
mail-export-lead = Експорт, який ви просили, у вкладенні. У ньому можуть бути дані людей: зберігайте його лише доти, доки він потрібен.
mail-export-file = Файл
mail-export-rows = Рядків

mail-client = З адреси
mail-more = Ще разів
mail-asked = Запит надійшов
mail-until = Посилання діє до
mail-or-copy = Або скопіюйте цю адресу у браузер:
mail-not-me = Це були не ви? Повідомте нас. Сторінка, що відкриється, скаже, що станеться, і запитає ще раз:

mail-password-set-not-me = Цього не мало статися? Повідомте нас. Сторінка, що відкриється, скаже, що станеться, і запитає ще раз:

mail-password-reset-subject = Виберіть новий пароль
mail-password-reset-lead = Хтось попросив новий пароль для вашого облікового запису { $account }. Якщо це були ви, виберіть його тут:
mail-password-reset-protection = Ви повідомили нас, що у вашому обліковому записі { $account } був хтось інший. Усі сеанси завершено. Виберіть новий пароль тут і зможете ввійти знову:
mail-password-reset-protection-factor = Ви повідомили нас, що у вашому обліковому записі { $account } був хтось інший. Усі сеанси завершено. { $factor } до нього додано другий фактор, якого це посилання не вилучає.
mail-password-reset-factor = Другий фактор не ваш? Тоді спершу зателефонуйте адміністратору: він його скине, а доти потрібен код, який має лише хтось інший. Він ваш? Тоді одразу виберіть новий пароль тут:
mail-password-reset-button = Вибрати пароль
mail-password-reset-stays = Доки ви не виберете новий, ваш пароль лишається таким, як є.
mail-password-reset-held = Доти не ввійде ніхто, навіть зі старим паролем. Якщо посилання застаріло, попросіть інше на сторінці входу.
mail-password-reset-not-you = Це були не ви? Тоді нічого робити не треба. Можете також скасувати посилання:

mail-password-elsewhere-subject = Ваш пароль зберігає ваша компанія
mail-password-elsewhere-lead = Хтось попросив новий пароль для вашого облікового запису { $account } у { $site }. Ви входите сюди з паролем свого робочого комп’ютера, тож тут його не змінити.
mail-password-elsewhere-next = Змініть його там, де змінюєте пароль комп’ютера, або зверніться до служби підтримки своєї компанії. Якщо просили не ви, нічого робити не треба.

mail-first-login-subject = Ваш перший вхід
mail-first-login-lead = Ласкаво просимо. Виберіть тут пароль свого облікового запису { $account } у { $site }, і зможете ввійти:
mail-first-login-button = Вибрати пароль
mail-first-login-not-you = Це були не ви? Тоді нічого робити не треба. Можете також скасувати посилання:

mail-invitation-subject = Ласкаво просимо до { $site }
mail-invitation-lead = Адміністратор створив для вас обліковий запис { $account } у { $site }. Виберіть пароль, і можна починати:
mail-invitation-button = Вибрати пароль
mail-invited = Запрошено
mail-invited-by = Ким
mail-invited-by-whom = адміністратором { $site }
mail-invitation-old = Посилання застаріло? Його сторінка надішле вам нове, або попросіть адміністратора запросити вас ще раз. Діє лише найновіше.
mail-invitation-not-expected = Не чекали цього листа? Повідомте нас, і посилання перестане діяти:

mail-disowned-subject = Хтось каже, що це були не вони
mail-disowned-lead = Хтось повідомив { $site }, що зміни в їхньому обліковому записі зробили не вони. Можливо, їхній пароль знає хтось інший.
mail-disowned-account = Обліковий запис
mail-disowned-done = Усі сеанси цього запису завершено, його посилання скасовано, і ніхто не ввійде, доки за листом на його адресу не виберуть новий пароль.
mail-disowned-factor = { $factor } до облікового запису додано другий фактор, можливо, кимось іншим: тоді власник не зможе вибрати пароль. Якщо він не їхній, скиньте його насамперед:
mail-disowned-look = Подивіться, що з ним робили, і поговоріть із власником:

mail-factor-added-subject = До вашого облікового запису додано другий фактор
mail-factor-added-lead = Відтепер після пароля ваш обліковий запис { $account } на { $site } запитує код із застосунку автентифікації.
mail-factor-removed-subject = Другий фактор вашого облікового запису вилучено
mail-factor-removed-lead = Відтепер ваш обліковий запис { $account } на { $site } не запитує нічого, крім пароля.
mail-factor-reset-subject = Адміністратор скинув ваш другий фактор
mail-factor-reset-lead = Адміністратор { $site } скинув другий фактор вашого облікового запису { $account }.
mail-factor-reset-ended = Налаштовані раніше застосунок і резервні коди для нього більше не діють.
mail-factor-reset-none = Його ще не було налаштовано.
mail-factor-reset-out = Ваші сеанси завершено.
mail-factor-reset-next = Під час наступного входу ви налаштуєте інший.
mail-factor-reset-until = Налаштувати до
mail-factor-reset-not-me = Ви про це не просили? Повідомте нас. Сторінка, що відкриється, скаже, що станеться, і запитає ще раз:
mail-backup-code-used-subject = Для вашого облікового запису використано резервний код
mail-backup-code-used-lead = Замість коду із застосунку введено резервний код для вашого облікового запису { $account }.
mail-backup-code-used-left = Лишилося кодів
mail-backup-code-used-low = Лишилося мало. Створіть нові на особистій сторінці, доки ще можете ввійти.
mail-backup-codes-made-subject = У вас нові резервні коди
mail-backup-codes-made-lead = Для вашого облікового запису { $account } створено нові резервні коди. Старі більше не діють.
mail-factor-unfinished-subject = Хтось знає ваш пароль
mail-factor-unfinished-lead = Для вашого облікового запису { $account } введено правильний пароль, а код після нього — ні. Ніхто не ввійшов.
mail-factor-unfinished-next = Якщо це були ви, нічого робити не треба. Якщо ні, хтось інший знає ваш пароль.
mail-new-browser-subject = У ваш обліковий запис увійшли з нового браузера
mail-new-browser-lead = Хтось увійшов у ваш обліковий запис { $account } із браузера, з якого раніше не входили.
mail-browser = Браузер

mail-contact-subject = Звернення: { $subject }
mail-contact-lead = Хтось написав через форму зв’язку на { $site }. Хто це, ніхто не перевіряв.
mail-contact-topic = Тема
mail-contact-topic-word = { $topic ->
    [support] Підтримка
    [sales] Продажі
    [partnership] Партнерство
    [security] Безпека
    [feedback] Відгук
    [general] Загальне
   *[other] Інше
}
mail-contact-name = Ім’я
mail-contact-email = Електронна пошта
mail-contact-phone = Телефон
mail-contact-company = Компанія
mail-contact-answer = Ваша відповідь на цей лист піде на адресу, яку вони вказали. Повідомлення зберігається; його можна прочитати знову й закрити:
