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
mail-password-set-next = Старий пароль більше не діє. Якщо ви цього не чекали, спершу запитайте адміністраторів, а тоді користуйтеся новим.

mail-password-changed-subject = Ваш пароль змінено
mail-password-changed-lead = Пароль вашого облікового запису { $account } змінено.

mail-email-changed-old-subject = Вашу адресу пошти змінено
mail-email-changed-old-lead = Ваш обліковий запис у { $site } відтепер має іншу адресу пошти. Надалі листи надходитимуть туди.
mail-email-changed-new-subject = Відтепер це адреса вашого облікового запису
mail-email-changed-new-lead = Ваш обліковий запис у { $site } відтепер має цю адресу пошти. З нею й входьте.
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

mail-test-subject = Пробний лист від { $site }
mail-test-lead = Цей лист надіслано, щоб перевірити, як { $site } надсилає пошту. Він прийшов, отже, все працює.
mail-test-sender = Поштовий запис
mail-test-server = Сервер

mail-export-subject = Експорт { $file }
mail-export-lead = Експорт, який ви просили, у вкладенні. У ньому можуть бути дані людей: зберігайте його лише доти, доки він потрібен.
mail-export-file = Файл
mail-export-rows = Рядків
