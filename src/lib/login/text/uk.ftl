### Вхід і вихід, власний пароль, де виконано вхід.

logout = Вийти

login-title = Увійти
login-email = Електронна пошта
login-password = Пароль
login-forgotten = Забули пароль?
login-first = Ви тут уперше? Перший вхід
login-no-email = Введіть електронну пошту
login-no-password = Введіть пароль
login-wrong = Електронна пошта або пароль неправильні
login-check = Перевірте електронну пошту і пароль
login-held = Забагато спроб із вашої мережі. Спробуйте за кілька хвилин
login-rests = Після неправильної спроби зачекайте кілька секунд: зарання спроба не враховується. Після багатьох спроб вхід на деякий час призупиняється.

again-title = Підтвердьте, що це ви
again-lead = Ви збираєтеся змінити спосіб входу. Введіть пароль ще раз.
again-go-on = Продовжити
again-back = Назад без змін

factor-title = Потрібен другий фактор
factor-lead = Ваш адміністратор вимагає другий фактор разом із паролем, а цей сайт поки не може його налаштувати.
factor-next = Попросіть адміністратора зняти цю вимогу, доки це неможливо. До того вам нічого більше не відкрито.

change-title = Виберіть новий пароль
change-lead = Після цього в усіх інших місцях буде виконано вихід.
change-forced-title = Виберіть новий пароль, щоб продовжити
change-forced-lead = Про це попросив ваш адміністратор. Після цього ви увійдете.
change-current = Поточний пароль
change-new = Новий пароль
change-repeat = Той самий ще раз
change-show = Показати
change-hide = Сховати
change-save = Зберегти
change-forced-save = Зберегти і продовжити

password-rule-length = Щонайменше символів: { $shortest }. Три-чотири слова, не пов’язані між собою, надійні й легко запам’ятовуються.
password-rule-own = Нічого з вашим ім’ям, електронною поштою чи компанією.
password-rule-common = Не той, яким користується багато людей, і не теперішній.
password-no-current = Введіть поточний пароль
password-no-new = Введіть новий пароль
password-no-repeat = Введіть новий пароль ще раз
password-other = Це не те саме, що новий пароль
password-wrong = Це не ваш пароль, або спроба була зарано після неправильної
password-too-short = Потрібно щонайменше символів: { $shortest }
password-too-long = Дозволено щонайбільше 128 символів
password-common = Цим паролем користується багато людей, тож його вгадують першим. Виберіть інший
password-context = Це майже лише ваше ім’я, електронна пошта, компанія або цей сайт. Виберіть інший
password-same = Це ваш теперішній пароль. Виберіть інший

cabinet-title = Особистий кабінет
cabinet-profile = Профіль
cabinet-phone = Телефон
cabinet-company = Компанія
cabinet-department = Відділ
cabinet-position = Посада
cabinet-who-changes = Електронну пошту, компанію, відділ і посаду змінює ваш адміністратор.
cabinet-how = Як ви входите
cabinet-password-changed = Змінено { $day }
cabinet-password-unchanged = Перенесено з попередньої системи
cabinet-change = Змінити
cabinet-sessions = Де виконано вхід
cabinet-unknown = Якогось із цих місць не знаєте? Завершіть його і змініть пароль.
cabinet-this = Цей пристрій
cabinet-browser = Браузер
cabinet-active-now = зараз активне
cabinet-active = активність: { $moment }
cabinet-end = Завершити
cabinet-end-others = Завершити всі інші
